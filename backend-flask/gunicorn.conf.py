"""How gunicorn runs the backend: `gunicorn` in this folder, or `gunicorn -c <this file>` from anywhere.

Values come from the environment (server_settings.py); gunicorn's own command line overrides them.
"""

import math
import os
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import IO, Any, NoReturn

_FOLDER = Path(__file__).resolve().parent
_WAIT_FOR_MASTER_SECONDS = 2
_WAIT_FOR_KILLED_SECONDS = 1
sys.path.insert(0, str(_FOLDER))

# Nothing but these may be imported before gevent patches: see nworkers_changed.
from errors import START_FAILED_EXIT_CODE, SettingsError  # noqa: E402
from server_settings import ServerSettings  # noqa: E402
from worker_stop import STOP_SIGNALS, StopTime, note_on_deadline, seconds_for_requests  # noqa: E402


def _stop(error: Exception) -> NoReturn:
    print(error, file=sys.stderr, flush=True)  # noqa: T201
    sys.exit(START_FAILED_EXIT_CODE)


def _server_settings() -> ServerSettings:
    try:
        return ServerSettings.from_environment(os.environ)
    except SettingsError as error:
        problems = error.problems
    try:
        _application_settings()
    except SettingsError as error:
        problems = (*problems, *error.problems)
    _stop(SettingsError(tuple(dict.fromkeys(problems))))


def _application_settings() -> Any:
    from settings import Settings

    return Settings.from_environment(os.environ)


def _single_permit() -> IO[bytes]:
    """Return a file that one read alone, of all processes that share it, finds a byte in."""
    readable, writable = os.pipe()
    os.write(writable, b"!")
    os.close(writable)
    return open(readable, "rb", buffering=0)  # noqa: PTH123


_settings = _server_settings()
_permit_to_fail = _single_permit()

chdir = str(_FOLDER)
wsgi_app = "wsgi:app"
bind = _settings.bind
workers = _settings.workers
threads = _settings.threads
worker_class = _settings.worker_class
# Whoever closes an idle connection first must be the load balancer, or it sends requests into
# connections that are just being closed.
keepalive = _settings.keep_alive_seconds
# gunicorn's most: what is longer never reaches the application, and is not traced.
limit_request_line = 8190
limit_request_field_size = 8190
graceful_timeout = _settings.graceful_timeout_seconds
# The worker's heartbeat is a file: on a disk that stalls, healthy workers are killed.
worker_tmp_dir = _settings.worker_tmp_dir
loglevel = _settings.log_level.lower()
# Named, not imported: it must not come before the patch either. Requests are traced, so there is no
# access log; `--access-logfile -` makes one, as JSON too.
logger_class = "services.logging.gunicorn_logger.JsonLogger"
# gunicorn's control socket would be one more way into the process, and a file that stays behind.
control_socket_disable = True


def nworkers_changed(server: Any, new_value: int, old_value: int | None) -> None:
    """Patch the standard library for gevent; note, when the number changes, how many workers there should be.

    Of all hooks this one alone knows the final configuration, command line included, and runs before
    anything of the application is imported, also with --preload. boto3 and requests imported before the
    patch end in a recursion at their first TLS connection.
    """
    if old_value is None and "gevent" in server.cfg.worker_class_str:
        from gevent import monkey

        # The master keeps its own fork and SIGCHLD: gevent's report a worker's end only to a running
        # event loop, and the master has none. Each worker patches the rest, and gevent remarks on that.
        monkey.patch_all(os=False, signal=False, subprocess=False)
        warnings.filterwarnings("ignore", "Patching more than once", monkey.MonkeyPatchWarning)
    if old_value is not None:
        from services.tracing.sending import worker_counts

        worker_counts.share().want(new_value)


def on_starting(server: Any) -> None:
    """Refuse wrong settings once, before anything listens, and make the memory that workers count in."""
    try:
        tracing = _application_settings().tracing
    except SettingsError as error:
        _stop(error)
    from services.tracing.sending import worker_counts

    worker_counts.share().want(server.cfg.workers)
    note = note_on_deadline(server.cfg.graceful_timeout, tracing.shutdown_deadline_seconds)
    if note is not None and tracing.mode != "off":
        server.log.warning(note)


def pre_fork(server: Any, worker: Any) -> None:
    """Reserve the worker's counters, and hold signals that stop back while the worker is made.

    Until it sets up its own handlers it has the master's, which only note a signal: a stop that came just
    then would be lost, and the master would wait for that worker for the whole graceful timeout.
    """
    from services.tracing.sending import worker_counts

    worker.counts_slot = worker_counts.share().reserve()
    if worker.counts_slot is None:
        server.log.warning("no counters are free: the next worker's spans are not in the workers' counts")
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Take the counters; let a signal that was held back, or comes before own handlers, end the worker."""
    from services.tracing.sending import worker_counts

    if worker.counts_slot is not None:
        worker_counts.take_slot(worker.counts_slot)
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


os.register_at_fork(after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS))


def post_worker_init(worker: Any) -> None:
    """Start tracing after the fork: threads, sockets and ids of the master are not the worker's.

    Where tracing is required and can't start, exit code 4 makes the master stop instead of respawning.
    """
    from app import log_shipping_of, tracing_of
    from server_errors import answer_as_json
    from services.tracing.errors import TracingRequiredError

    answer_as_json()
    tracing = tracing_of(worker.wsgi)
    _leave_time_to_flush(worker, tracing.settings.shutdown_deadline_seconds)
    if "gevent" in worker.cfg.worker_class_str:
        from idle_connections import close_idle_at_stop

        close_idle_at_stop(worker)
    log_shipping_of(worker.wsgi).start()
    try:
        tracing.start()
    except TracingRequiredError as error:
        if _permit_to_fail.read(1):
            _stop(error)
        _wait_for_the_master(worker)


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Send what is still queued, the log lines of the stop itself included, before the master kills."""
    from app import log_shipping_of, tracing_of

    application = getattr(worker, "wsgi", None)
    if application is not None:
        stop_time = getattr(worker, "stop_time", None)
        shipping = log_shipping_of(application)
        left = math.inf if stop_time is None else stop_time.left()
        tracing_of(application).shutdown(left - min(shipping.seconds_to_stop, left / 3))
        shipping.stop()


def child_exit(server: Any, worker: Any) -> None:
    """In the master, take over what the worker counted; say what was lost with it."""
    _end_counts(server, worker)


def on_exit(server: Any) -> None:
    """Take over the counts of the workers that the master killed at its own end, and tell them all.

    The master reaps once, right after it killed, mostly too early; it calls child_exit for no other.
    """
    from services.tracing.sending import worker_counts

    deadline = time.monotonic() + _WAIT_FOR_KILLED_SECONDS
    for pid, worker in tuple(server.WORKERS.items()):
        while not _has_ended(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        _end_counts(server, worker)
    ended = worker_counts.share().status()["ended"]
    if ended["sinks"]:
        server.log.info(
            "all workers have ended: recorded %d spans; %s",
            ended["recorded"],
            "; ".join(
                f"{name} sent {sink['sent']}, dropped {sink['dropped']}, lost {sink['lost']}"
                for name, sink in ended["sinks"].items()
            ),
            extra={"recorded": ended["recorded"], "sinks": ended["sinks"]},
        )


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _end_counts(server: Any, worker: Any) -> None:
    from services.tracing.sending import worker_counts

    if worker.counts_slot is None:
        return
    ended = worker_counts.share().end(worker.counts_slot, worker.pid)
    if ended.lost:
        server.log.warning(
            "worker %d ended with spans that it had not sent: %s",
            ended.pid,
            ", ".join(f"{spans} for {sink}" for sink, spans in ended.lost.items()),
        )


def _leave_time_to_flush(worker: Any, flush_seconds: float) -> None:
    """Let a worker give up on its connections before the master kills it, so that worker_exit runs.

    Both count graceful_timeout from the same moment, and gevent's worker waits for idle connections too.
    """
    worker.stop_time = StopTime(worker)
    worker.cfg.set("graceful_timeout", seconds_for_requests(worker.cfg.graceful_timeout, flush_seconds))


def _wait_for_the_master(worker: Any) -> NoReturn:
    """Leave saying why, and exit code 4, to the worker that failed first.

    gunicorn's master, told to stop by one worker's 4, takes a second 4 for an error of its own:
    it would end with a traceback and code 1. Not for ever, should the master's SIGTERM be missed.
    """
    deadline = time.monotonic() + _WAIT_FOR_MASTER_SECONDS
    while worker.alive and time.monotonic() < deadline:
        worker.notify()
        time.sleep(0.05)
    sys.exit(0)
