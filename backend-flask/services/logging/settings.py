"""The settings of what takes log lines beside standard output: one frozen object from an explicit mapping."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from services.tracing.settings_reader import SettingsReader, boolean

ROLLBAR_URL = "https://api.rollbar.com/api/1"
"""Rollbar API reference, "Create an item"."""

_GROUP_NAME = re.compile(r"[A-Za-z0-9_./#-]{1,512}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,256}", re.ASCII)


class LoggingSettingsError(Exception):
    """Settings are wrong. `problems` holds a line for each, which names the variable."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True, kw_only=True)
class LoggingSettings:
    """What logging is told beside the level.

    Attributes:
        to_cloudwatch: LOGS_CLOUDWATCH, lines go to CloudWatch Logs too.
        group_name: LOGS_CLOUDWATCH_GROUP; None for the parameter `logs/group-name`.
        region: AWS_REGION, else AWS_DEFAULT_REGION.
        endpoint_url: of CloudWatch Logs; None for botocore's.
        rollbar_access_token: ROLLBAR_ACCESS_TOKEN; None for the parameter `rollbar/access-token`.
        rollbar_url: ROLLBAR_API_ENDPOINT, without the last slash.
    """

    to_cloudwatch: bool = False
    group_name: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    rollbar_access_token: str | None = field(default=None, repr=False)
    rollbar_url: str = ROLLBAR_URL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables; one that is empty counts as not set.

        Raises:
            LoggingSettingsError: lists every variable that can't be used, with what was expected.
        """
        read = SettingsReader(environment)
        settings = cls(
            to_cloudwatch=read.parsed("LOGS_CLOUDWATCH", boolean, False),
            group_name=read.parsed("LOGS_CLOUDWATCH_GROUP", group_name, None),
            region=read.first("AWS_REGION", "AWS_DEFAULT_REGION"),
            # botocore's own name comes first; the second is called as the two of SSM and X-Ray.
            endpoint_url=read.url(
                "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "AWS_ENDPOINT_URL_LOGS", "AWS_ENDPOINT_URL"
            ),
            rollbar_access_token=read.parsed("ROLLBAR_ACCESS_TOKEN", rollbar_token, None),
            rollbar_url=read.url("ROLLBAR_API_ENDPOINT") or ROLLBAR_URL,
        )
        is_off = (read.first("OTEL_SDK_DISABLED") or "").lower() == "true"
        reads_none = is_off or read.first("TRACING_PARAMETER_PATH") is None
        if settings.to_cloudwatch and settings.group_name is None and reads_none:
            read.problems.append(
                "LOGS_CLOUDWATCH is true, but no parameters are read that would name the log group;"
                " set LOGS_CLOUDWATCH_GROUP, or TRACING_PARAMETER_PATH and not OTEL_SDK_DISABLED"
            )
        if read.problems:
            raise LoggingSettingsError(tuple(dict.fromkeys(read.problems)))
        return settings


def group_name(text: str) -> str:
    """Return a log group's name.

    Raises:
        ValueError: CloudWatch Logs takes no such name (API reference, CreateLogGroup).
    """
    if _GROUP_NAME.fullmatch(text) is None:
        raise ValueError(f"{text[:60]!r} is no log group; expected 1 to 512 letters, digits and _-/.#")
    return text


def rollbar_token(text: str) -> str:
    """Return an access token of a Rollbar project.

    Raises:
        ValueError: it has another form. The message never repeats it.
    """
    if _TOKEN.fullmatch(text) is None:
        raise ValueError(
            "no access token; expected the project's post_server_item token, 16 to 256 letters and digits"
        )
    return text
