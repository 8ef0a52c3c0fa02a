"""The application without tracing's endpoints, as `flask run` has it on a machine without AWS."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from services.tracing.settings import TracingSettings
from settings import Settings

ORIGIN = "http://localhost:3000"


@pytest.fixture(scope="session")
def app() -> Flask:
    """An application that records nothing, with the demonstration's routes."""
    return create_app(
        Settings(
            allowed_origins=(ORIGIN,),
            demo_routes=True,
            tracing=TracingSettings(sampler="always_off"),
        )
    )


@pytest.fixture(scope="session")
def client(app: Flask) -> FlaskClient:
    """Sends requests to the application in this process."""
    return app.test_client()
