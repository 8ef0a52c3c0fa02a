"""The Cruddur backend as a Flask application."""

from typing import cast

from flask import Blueprint, Flask, Response, request
from flask.typing import ResponseReturnValue
from flask_cors import CORS
from werkzeug.exceptions import NotFound

import answers
from routes import api
from services.logging.lifecycle import LogShipping
from services.logging.request_id import HEADER as REQUEST_ID_HEADER
from services.logging.request_id import init_request_ids
from services.tracing import Tracing, init_tracing
from settings import Settings

TRACE_HEADERS = ("X-Amzn-Trace-Id", "traceparent", "tracestate")


def create_app(settings: Settings) -> Flask:
    """Build the application; nothing is started, read or sent before `Tracing.start()` or a request."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    # An error is answered and traced alike under test, debugger and gunicorn.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # A redirect to a tidied path would cost the caller a second, untraced guess: such paths are unknown.
    app.url_map.merge_slashes = False
    answers.init_app(app)
    app.register_blueprint(api)
    app.register_blueprint(_health(app))
    app.register_blueprint(_rollbar(app))
    if settings.demo_routes:
        app.register_blueprint(_demo(settings))
    if settings.allowed_origins:
        _allow_origins(app, settings)
    init_request_ids(app)
    tracing = init_tracing(app, settings.tracing)
    app.extensions["log_shipping"] = LogShipping(
        settings.logging,
        (lambda: tracing.parameters) if tracing.reads_parameters else None,
        environment=settings.tracing.deployment_environment,
        code_version=settings.tracing.service_version,
    )
    return app


def tracing_of(app: Flask) -> Tracing:
    """Return the tracing that `create_app` gave to `app`."""
    return cast(Tracing, app.extensions["tracing"])


def log_shipping_of(app: Flask) -> LogShipping:
    """Return what takes the log lines of `app` beyond standard output; `create_app` made it."""
    return cast(LogShipping, app.extensions["log_shipping"])


def _health(app: Flask) -> Blueprint:
    health = Blueprint("health", __name__)

    @health.get("/health")
    def alive() -> ResponseReturnValue:
        return {"status": "ok"}

    @health.get("/health/tracing")
    def tracing() -> ResponseReturnValue:
        return tracing_of(app).status()

    @health.get("/health/logging")
    def logging() -> ResponseReturnValue:
        return log_shipping_of(app).status()

    return health


def _rollbar(app: Flask) -> Blueprint:
    blueprint = Blueprint("rollbar", __name__)

    @blueprint.get("/rollbar/test")
    def rollbar_test() -> ResponseReturnValue:
        rollbar = log_shipping_of(app).rollbar
        if rollbar is None:
            raise NotFound
        rollbar.report_message("Hello World!", "warning")
        return "Hello World!"

    return blueprint


def _demo(settings: Settings) -> Blueprint:
    from services import demo

    blueprint = Blueprint("demo", __name__, url_prefix="/demo")

    @blueprint.get("/failure")
    def failure() -> ResponseReturnValue:
        demo.fail()
        return {}

    @blueprint.get("/upstream")
    def upstream() -> ResponseReturnValue:
        # The socket's own address: a Host header could name any machine.
        environ = request.environ
        own_url = f"http://{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return demo.call_upstream(own_url, settings.tracing.region)

    return blueprint


def _allow_origins(app: Flask, settings: Settings) -> None:
    CORS(
        app,
        resources={r"/api/.*": {"origins": list(settings.allowed_origins)}},
        methods=["GET", "HEAD", "OPTIONS", "POST"],
        allow_headers=["Content-Type", "If-Modified-Since", *TRACE_HEADERS],
        expose_headers=["Link", "Location", "X-Amzn-Trace-Id", REQUEST_ID_HEADER],
        always_send=False,
        vary_header=False,
    )

    @app.after_request
    def vary_by_origin(response: Response) -> Response:
        # flask-cors says so only on some answers: a cache would give a page the one without the header.
        if request.path.startswith("/api/"):
            response.vary.add("Origin")
        return response
