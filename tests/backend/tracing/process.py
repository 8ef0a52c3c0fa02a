"""A process with a traced Flask application, driven line by line over its standard input."""

import json
import os
import sys
from typing import Any

import requests
from flask import Flask
from opentelemetry import trace

from services.tracing import TracingSettings, init_tracing, lifecycle
from services.tracing.errors import TracingRequiredError


def _say(document: Any) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Start tracing, then do what each line says, and answer each with a line of JSON."""
    app = Flask("process")
    tracer = trace.get_tracer("application")

    @app.get("/api")
    def api() -> str:
        with tracer.start_as_current_span("work"):
            requests.post(os.environ["UPSTREAM"], timeout=5).close()
        return "done"

    lifecycle.FIRST_RETRY_SECONDS = float(os.environ.get("RETRY_SECONDS", lifecycle.FIRST_RETRY_SECONDS))
    tracing = init_tracing(app, TracingSettings.from_environment(os.environ))
    client = app.test_client()
    answer: Any
    try:
        tracing.start()
    except TracingRequiredError as error:
        _say({"required": list(error.problems)})
        return 4
    _say(tracing.status())
    for line in sys.stdin:
        match line.split():
            case ["get", path]:
                response = client.get(path)
                answer = {"status": response.status_code, "header": response.headers.get("X-Amzn-Trace-Id")}
                response.close()
            case ["fork"]:
                child = os.fork()
                if child == 0:
                    tracing.start()
                    client.get("/api").close()
                    tracing.shutdown()
                    os._exit(0)
                answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            case ["stop"]:
                tracing.shutdown()
                answer = tracing.status()
            case _:
                answer = tracing.status()
        _say(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
