"""The application's settings: one frozen object, built from an explicit mapping."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from environment import EnvironmentReader
from errors import SettingsError
from server_settings import read_log_level
from services.logging.settings import LoggingSettings, LoggingSettingsError
from services.tracing.errors import TracingSettingsError
from services.tracing.settings import TracingSettings
from version import VERSION

DEFAULT_MAX_BODY_BYTES = 64 * 1024
"""Many times the longest message there is, and far below what would hurt to hold in memory."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the application is told.

    Attributes:
        allowed_origins: FRONTEND_URL and BACKEND_URL, the origins whose pages may call the API.
        max_body_bytes: MAX_BODY_BYTES, larger requests get 413.
        log_level: LOG_LEVEL.
        demo_routes: DEMO_ROUTES, adds routes that fail and that call out, to be seen in traces.
        tracing: the tracing package's own settings.
        logging: the logging package's own settings.
    """

    allowed_origins: tuple[str, ...] = ()
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    log_level: str = "INFO"
    demo_routes: bool = False
    tracing: TracingSettings = field(default_factory=TracingSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: with every missing or malformed value, the packages' own included.
        """
        reader = EnvironmentReader(environment)
        origins = (reader.origin("FRONTEND_URL"), reader.origin("BACKEND_URL"))
        settings = cls(
            allowed_origins=tuple(origin for origin in origins if origin is not None),
            max_body_bytes=reader.integer(
                "MAX_BODY_BYTES", default=DEFAULT_MAX_BODY_BYTES, minimum=1024, maximum=16 * 1024 * 1024
            ),
            log_level=read_log_level(reader),
            demo_routes=reader.boolean("DEMO_ROUTES", default=False),
            tracing=_tracing(environment, reader.problems),
            logging=_logging(environment, reader.problems),
        )
        if reader.problems:
            # A variable that two of them read is told once.
            raise SettingsError(tuple(dict.fromkeys(reader.problems)))
        return settings


def _tracing(environment: Mapping[str, str], problems: list[str]) -> TracingSettings:
    try:
        settings = TracingSettings.from_environment(environment)
        attributes = {"service.version": VERSION, **settings.resource_attributes}
        return replace(settings, resource_attributes=attributes)
    except TracingSettingsError as error:
        problems.extend(error.problems)
        return TracingSettings()


def _logging(environment: Mapping[str, str], problems: list[str]) -> LoggingSettings:
    try:
        return LoggingSettings.from_environment(environment)
    except LoggingSettingsError as error:
        problems.extend(error.problems)
        return LoggingSettings()
