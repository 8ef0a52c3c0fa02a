"""A process with two traced Flask applications behind one dispatcher, which counts as a worker does."""

import json
import os
import sys
import threading
from typing import Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from services.tracing import TracingSettings, init_tracing, lifecycle
from services.tracing.errors import TracingRequiredError
from services.tracing.sending import worker_counts


def _say(document: Any) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _application(name: str, **more: str) -> Flask:
    app = Flask(name)
    app.add_url_rule("/", view_func=lambda: name)
    init_tracing(app, TracingSettings.from_environment({**os.environ, **more}))
    return app


def main() -> int:
    """Do what each line says, and answer each with a line of JSON."""
    lifecycle.FIRST_RETRY_SECONDS = float(os.environ.get("RETRY_SECONDS", lifecycle.FIRST_RETRY_SECONDS))
    slot = worker_counts.share().reserve()
    assert slot is not None
    worker_counts.take_slot(slot)
    other = os.environ.get("SERVICE_OF_THE_SECOND")
    apps = {
        "first": _application("first"),
        "second": _application("second", **({"OTEL_SERVICE_NAME": other} if other else {})),
    }
    client = Client(DispatcherMiddleware(apps["first"], {"/second": apps["second"]}))
    answer: Any
    for line in sys.stdin:
        match line.split():
            case ["get", path]:
                with client.get(path) as response:
                    answer = response.headers.get("X-Amzn-Trace-Id")
            case ["fork", path]:
                child = os.fork()
                if child == 0:
                    client.get(path).close()
                    for app in apps.values():
                        app.extensions["tracing"].shutdown()
                    os._exit(0)
                answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            case ["start", name]:
                try:
                    answer = apps[name].extensions["tracing"].start()
                except TracingRequiredError as error:
                    answer = list(error.problems)
            case ["stop", name]:
                answer = apps[name].extensions["tracing"].shutdown()
            case ["stop-aside", name]:
                aside = threading.Thread(target=apps[name].extensions["tracing"].shutdown)
                aside.start()
                answer = None
            case ["wait"]:
                aside.join()
                answer = None
            case ["status", name]:
                answer = apps[name].extensions["tracing"].status()
        _say(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
