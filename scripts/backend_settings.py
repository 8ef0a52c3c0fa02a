"""The backend's variables for an environment; values come from the rendered units, none is written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.secrets import CONFIGURATION_VARIABLE, KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.session import Session


def variables(session: Session, port: int) -> dict[str, str]:
    """Return the variables for gunicorn and the backend under it.

    What the operator has set already (OTEL_*, TRACING_REQUIRED, GUNICORN_*) stays as it is.
    """
    region = session.caller.region
    chosen: Mapping[str, str] = session.environment.variables
    attributes = f"deployment.environment.name={session.environment.name}"
    given = chosen.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if "deployment.environment.name=" not in given:
        given = f"{given},{attributes}" if given else attributes
    result = {
        **chosen,
        "PORT": str(port),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "TRACING_PARAMETER_PATH": session.any_unit.target.parameter_path,
        "OTEL_RESOURCE_ATTRIBUTES": given,
    }
    return {
        name: value for name, value in result.items() if name not in {KEY_VARIABLE, CONFIGURATION_VARIABLE}
    }
