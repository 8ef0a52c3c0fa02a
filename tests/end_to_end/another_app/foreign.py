"""A Flask application of somebody else's: its routes, and nothing of tracing."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import requests
from flask import Flask
from opentelemetry import trace

tracer = trace.get_tracer("foreign")


def make_app() -> Flask:
    """Return the application."""
    app = Flask("foreign")

    @app.get("/work/<int:number>")
    def work(number: int) -> str:
        with tracer.start_as_current_span("work", attributes={"foreign.number": number}):
            requests.post(f"{os.environ['UPSTREAM']}/upstream", timeout=5).close()
            with ThreadPoolExecutor(1) as pool:
                pool.submit(_in_pool).result()
            thread = threading.Thread(target=_in_thread)
            thread.start()
            thread.join()
        return "done"

    @app.get("/fail")
    def fail() -> str:
        raise RuntimeError("no luck")

    @app.get("/health")
    def health() -> str:
        return "ok"

    @app.get("/status")
    def status() -> dict[str, object]:
        tracing = app.extensions.get("tracing")
        return tracing.status() if tracing else {}

    return app


def _in_pool() -> None:
    with tracer.start_as_current_span("in-pool"):
        pass


def _in_thread() -> None:
    with tracer.start_as_current_span("in-thread"):
        pass
