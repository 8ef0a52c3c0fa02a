"""The settings of what takes log lines beside standard output."""

import pytest

from errors import SettingsError
from services.logging.settings import LoggingSettings, LoggingSettingsError
from settings import Settings

TOKEN = 16 * "r0"


def test_by_default_nothing_leaves() -> None:
    """Lines go to standard output alone; Rollbar's own address is the default."""
    assert LoggingSettings.from_environment({}) == LoggingSettings()
    assert LoggingSettings().rollbar_url == "https://api.rollbar.com/api/1"


def test_everything_is_read() -> None:
    """botocore's own name of the endpoint goes before ours, and ours before the one for all."""
    given = {
        "LOGS_CLOUDWATCH": "TRUE",
        "LOGS_CLOUDWATCH_GROUP": "/a/b",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_LOGS": "http://127.0.0.1:2/",
        "ROLLBAR_ACCESS_TOKEN": TOKEN,
        "ROLLBAR_API_ENDPOINT": "http://127.0.0.1:3/",
    }
    assert LoggingSettings.from_environment(given) == LoggingSettings(
        to_cloudwatch=True,
        group_name="/a/b",
        region="eu-west-1",
        endpoint_url="http://127.0.0.1:2",
        rollbar_access_token=TOKEN,
        rollbar_url="http://127.0.0.1:3",
    )
    named = LoggingSettings.from_environment(
        {**given, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://127.0.0.1:4"}
    )
    assert named.endpoint_url == "http://127.0.0.1:4"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"LOGS_CLOUDWATCH": "yes"}, "LOGS_CLOUDWATCH: 'yes' is neither true nor false"),
        ({"LOGS_CLOUDWATCH": "true"}, "LOGS_CLOUDWATCH is true, but no parameters are read"),
        (
            {"LOGS_CLOUDWATCH": "true", "TRACING_PARAMETER_PATH": "/a/b", "OTEL_SDK_DISABLED": "true"},
            "set LOGS_CLOUDWATCH_GROUP",
        ),
        ({"LOGS_CLOUDWATCH_GROUP": "a:b"}, "LOGS_CLOUDWATCH_GROUP: 'a:b' is no log group"),
        ({"ROLLBAR_ACCESS_TOKEN": TOKEN + "\n-" + TOKEN}, "ROLLBAR_ACCESS_TOKEN: no access token; expected"),
        ({"ROLLBAR_API_ENDPOINT": "https://u:p@host"}, "ROLLBAR_API_ENDPOINT: a URL with user or password"),
        ({"AWS_ENDPOINT_URL_LOGS": "ftp://host"}, "AWS_ENDPOINT_URL_LOGS: no http or https URL"),
    ],
)
def test_wrong_values_are_named(given: dict[str, str], problem: str) -> None:
    """With what was expected, and never with a token."""
    with pytest.raises(LoggingSettingsError) as raised:
        LoggingSettings.from_environment(given)
    assert any(one.startswith(problem) or problem in one for one in raised.value.problems)
    assert TOKEN not in str(raised.value)


def test_a_path_names_the_group_later() -> None:
    """With parameters to read, no group has to be named."""
    given = {"LOGS_CLOUDWATCH": "true", "TRACING_PARAMETER_PATH": "/a/b"}
    assert LoggingSettings.from_environment(given).group_name is None


def test_a_variable_that_two_packages_read_is_told_once() -> None:
    """AWS_ENDPOINT_URL is tracing's and logging's."""
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({"AWS_ENDPOINT_URL": "ftp://host"})
    assert len(raised.value.problems) == 1
