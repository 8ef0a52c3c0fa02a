"""Where log lines go beside standard output, in one process: start after the fork, stop before its end."""

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from services.logging import cloudwatch, rollbar_items
from services.logging.cloudwatch import CloudWatch, CloudWatchHandler
from services.logging.early_errors import EarlyErrors, Kept
from services.logging.rollbar_items import Rollbar, RollbarHandler
from services.logging.settings import LoggingSettings, group_name, rollbar_token
from services.logging.shipping import Shipper, ShippingHandler
from services.tracing.background import start_thread

GROUP_NAME = "logs/group-name"
ACCESS_TOKEN = "rollbar/access-token"  # noqa: S105 (the parameter's name)
SHUTDOWN_SECONDS = 2.0
"""At the stop, after tracing's own deadline, and within what gunicorn.conf.py keeps for both."""
FIRST_LOOK_SECONDS = 0.05
LOOK_MAX_SECONDS = 5.0

_LOGGERS = ("", "gunicorn.error")

_log = logging.getLogger(__name__)
_all: "weakref.WeakSet[LogShipping]" = weakref.WeakSet()


class LogShipping:
    """CloudWatch and Rollbar, as far as they are configured.

    `parameters` returns the values that tracing read, by their names below the parameter path, None while it
    has none; it is None where none will be read.
    """

    def __init__(
        self,
        settings: LoggingSettings,
        parameters: Callable[[], Mapping[str, str] | None] | None,
        *,
        environment: str,
        code_version: str,
    ) -> None:
        self._settings = settings
        self._parameters = parameters
        self._environment = environment
        self._code_version = code_version
        self._reset()
        _all.add(self)

    def _reset(self) -> None:
        self._pid: int | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._cloudwatch: ShippingHandler | None = None
        self._rollbar: RollbarHandler | None = None
        self._early: EarlyErrors | None = None

    @property
    def rollbar(self) -> RollbarHandler | None:
        """What takes errors to Rollbar; None where that isn't configured."""
        return self._rollbar

    @property
    def seconds_to_stop(self) -> float:
        """How long `stop` may take."""
        return SHUTDOWN_SECONDS if self._handlers() else 0.0

    def start(self) -> None:
        """Start in this process; does nothing where it is started. Waits for nothing, raises nothing."""
        if self._pid == os.getpid():
            return
        self._reset()
        self._pid = os.getpid()
        atexit.register(self.stop)
        if self._settings.to_cloudwatch:
            shipper = Shipper(CloudWatch(self._settings), cloudwatch.BOUNDS)
            self._cloudwatch = CloudWatchHandler(shipper)
            _attach(self._cloudwatch)
        if self._parameters is None:
            self._configure({})
        else:
            self._early = EarlyErrors()
            _attach(self._early)
            start_thread("logs-parameters", self._configure_later)

    def stop(self) -> None:
        """Send what is queued, within `SHUTDOWN_SECONDS`. Does nothing the second time."""
        self._stop.set()
        if self._pid != os.getpid():
            return
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        with self._lock:
            self._early_errors()
            handlers = self._handlers()
            self._cloudwatch = self._rollbar = None
        for handler in handlers:
            _detach(handler)
        for handler in handlers:
            handler.shipper.stop(deadline)

    def status(self) -> dict[str, Any]:
        """Return the document of /health/logging; null is what isn't configured."""
        cloudwatch_handler, rollbar_handler = self._cloudwatch, self._rollbar
        document: dict[str, Any] = {"worker": {"pid": os.getpid()}, "cloudwatch": None, "rollbar": None}
        if cloudwatch_handler is not None:
            shipper = cloudwatch_handler.shipper
            group = shipper.destination
            assert isinstance(group, CloudWatch)  # noqa: S101
            names = {"group": group.group_name, "stream": group.stream_name}
            document["cloudwatch"] = {**names, **shipper.status()}
        if rollbar_handler is not None:
            document["rollbar"] = rollbar_handler.shipper.status()
        return document

    def after_fork(self) -> None:
        """In a child, whose threads did not come along, leave lines to standard output."""
        for handler in self._handlers():
            _detach(handler)
        self._early_errors()
        self._reset()

    def _handlers(self) -> list[ShippingHandler]:
        return [handler for handler in (self._cloudwatch, self._rollbar) if handler is not None]

    def _configure_later(self) -> None:
        """Wait until tracing has read the parameters: it may have to try for long."""
        assert self._parameters is not None  # noqa: S101
        wait = FIRST_LOOK_SECONDS
        while not self._stop.is_set():
            parameters = self._parameters()
            if parameters is not None:
                self._configure(parameters)
                return
            self._stop.wait(wait)
            wait = min(LOOK_MAX_SECONDS, wait * 2)

    def _configure(self, parameters: Mapping[str, str]) -> None:
        with self._lock:
            if self._stop.is_set():
                return
            try:
                self._start_cloudwatch(parameters)
                self._start_rollbar(parameters)
            except Exception:  # noqa: BLE001 (a worker must not end for this)
                _log.exception("log lines go to standard output alone: unexpected error")
            self._early_errors()

    def _start_cloudwatch(self, parameters: Mapping[str, str]) -> None:
        handler = self._cloudwatch
        if handler is None:
            return
        group = handler.shipper.destination
        assert isinstance(group, CloudWatch)  # noqa: S101
        if group.group_name is None:
            named = _usable(parameters, GROUP_NAME, group_name)
            if named is None:
                if GROUP_NAME not in parameters:
                    _log.warning(
                        "log lines don't go to CloudWatch: parameter %s is missing: apply the unit logs"
                        " (make apply), or set LOGS_CLOUDWATCH_GROUP; then restart",
                        GROUP_NAME,
                    )
                _detach(handler)
                self._cloudwatch = None
                return
            group.group_name = named
        handler.shipper.start()

    def _start_rollbar(self, parameters: Mapping[str, str]) -> None:
        token = self._settings.rollbar_access_token or _usable(parameters, ACCESS_TOKEN, rollbar_token)
        if token is None:
            return
        shipper = Shipper(Rollbar(self._settings, token), rollbar_items.BOUNDS)
        handler = RollbarHandler(shipper, environment=self._environment, code_version=self._code_version)
        shipper.start()
        _attach(handler)
        self._rollbar = handler
        for record, context in self._early_errors():
            handler.report(record, context)

    def _early_errors(self) -> Kept:
        """Keep errors no more, and return those that were kept."""
        early, self._early = self._early, None
        if early is None:
            return []
        _detach(early)
        return early.taken()


def _usable(parameters: Mapping[str, str], name: str, check: Callable[[str], str]) -> str | None:
    if name not in parameters:
        return None
    try:
        return check(parameters[name].strip())
    except ValueError as error:
        _log.warning("parameter %s holds no usable value: %s: write it again, then restart", name, error)
        return None


def _attach(handler: logging.Handler) -> None:
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        # gunicorn's logger keeps its lines to itself; elsewhere they come through the root.
        if not name or not logger.propagate:
            logger.addHandler(handler)


def _detach(handler: logging.Handler) -> None:
    for name in _LOGGERS:
        logging.getLogger(name).removeHandler(handler)
    handler.close()


def _after_fork() -> None:
    for shipping in tuple(_all):
        shipping.after_fork()


os.register_at_fork(after_in_child=_after_fork)
