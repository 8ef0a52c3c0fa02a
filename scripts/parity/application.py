"""The backend as gunicorn serves it, with routes that record what its own routes don't.

Threads, SQL, chained exceptions, every kind of value, links, producers and consumers, calls that fail.
"""

from __future__ import annotations

import math
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from flask import Blueprint, abort, request
from opentelemetry import trace
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from wsgi import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue
    from mypy_boto3_ssm import SSMClient

TIMEOUT_SECONDS = 5
_tracer = trace.get_tracer("parity")
_routes = Blueprint("parity", __name__, url_prefix="/parity")


class OuterError(RuntimeError):
    """What a chain ends with."""


@_routes.get("/threads")
def threads() -> ResponseReturnValue:
    """Work in three threads, one of which fails."""

    def work(number: int) -> int:
        with _tracer.start_as_current_span(f"work {number}", attributes={"app.number": number}):
            if number == 2:
                raise ValueError(f"no work for {number}")
            return number

    with ThreadPoolExecutor(max_workers=3) as pool:
        waiting = [pool.submit(work, number) for number in range(3)]
    return {"failed": sum(one.exception() is not None for one in waiting)}


@_routes.get("/chained")
def chained() -> NoReturn:
    """Three exceptions, one out of the other, that nobody handles."""
    with _tracer.start_as_current_span("outer"), _tracer.start_as_current_span("inner"):
        try:
            _translate("zwölf")
        except KeyError as error:
            if "never-raised" in request.args:
                raise OuterError("with a cause that has no traceback") from OuterError("never raised")
            if "alone" in request.args:
                raise OuterError("without those before it") from None
            raise OuterError("while that was handled: ü") from error
    raise AssertionError


def _translate(word: str) -> None:
    try:
        int(word)
    except ValueError:
        raise KeyError("twelve\nover two lines")  # noqa: B904 - linked without `from` too


@_routes.get("/handled")
def handled() -> ResponseReturnValue:
    """Exceptions that are recorded and handled, and a status that says why without one."""
    with _tracer.start_as_current_span("handled") as span:
        for text in ("first", "second"):
            try:
                _deep(6, text)
            except LookupError as error:
                span.record_exception(error)
    with _tracer.start_as_current_span("refused") as span:
        span.set_status(Status(StatusCode.ERROR, "no exception, only words"))
    return {}


@_routes.get("/sql")
def sql() -> ResponseReturnValue:
    """Statements of a real database, one of which is wrong, and the span of one that is far away."""
    with sqlite3.connect(":memory:") as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE activities (handle TEXT, message TEXT)")
        cursor.executemany("INSERT INTO activities VALUES (?, ?)", [("andrew", "hello"), ("bayko", "ü")])
        found = cursor.execute("SELECT handle FROM activities WHERE message = ?", ("hello",)).fetchall()
        try:
            cursor.execute("SELECT nothing FROM nowhere")
        except sqlite3.OperationalError:
            found.append(("nobody",))
    connection.close()
    for attributes in (
        {"db.system": "postgresql", "db.name": "cruddur", "db.statement": "SELECT 1", "db.user": "cruddur"},
        {"db.system.name": "mysql", "db.namespace": "cruddur", "db.query.text": "SELECT 2"},
        {"db.system": "redis", "db.statement": "GET activities"},
    ):
        far: dict[str, str | int] = {**attributes, "server.address": "db.internal", "server.port": 5432}
        with _tracer.start_as_current_span("SELECT cruddur", kind=SpanKind.CLIENT, attributes=far):
            time.sleep(0)
    return {"found": len(found)}


@_routes.get("/values")
def values() -> ResponseReturnValue:
    """Attributes of every type and size, an event that is no exception, links, names that X-Ray forbids."""
    link = Link(
        trace.SpanContext(0x5F84C7A1_0123456789ABCDEF01234567, 0xABCDEF0123456789, is_remote=True),
        {"app.why": "followed", "app.count": 2},
    )
    with _tracer.start_as_current_span("values? <ü> [a|b]", links=[link]) as span:
        span.set_attributes(_values())
        span.add_event("cache miss", {"app.key": "home"})
    with _tracer.start_as_current_span("x" * 300) as span:
        span.set_attribute("enduser.id", "andrew")
        span.set_attribute("aws.xray.metadata.cruddur", '{"plan": "free", "seats": 3}')
        span.set_attribute("aws.xray.annotations", ["app.plan"])
        span.set_attribute("app.plan", "free")
    with _tracer.start_as_current_span("long") as span:
        span.set_attributes({f"app.long.{number}": "ü" * 10_000 for number in range(2)})
    return {}


@_routes.get("/messages")
def messages() -> ResponseReturnValue:
    """A message that is sent and, in the same trace, received."""
    attributes = {"messaging.system": "aws_sqs", "messaging.destination.name": "activities"}
    with (
        _tracer.start_as_current_span("send activities", kind=SpanKind.PRODUCER, attributes=attributes),
        _tracer.start_as_current_span("process activities", kind=SpanKind.CONSUMER, attributes=attributes),
    ):
        return {}


@_routes.get("/calls")
def calls() -> ResponseReturnValue:
    """Calls to this backend and to AWS, some of which fail."""
    own = f"http://{request.environ['SERVER_NAME']}:{request.environ['SERVER_PORT']}"
    with requests.Session() as session:
        answers = [
            session.get(own + path, timeout=TIMEOUT_SECONDS).status_code for path in ("/health", "/no")
        ]
        try:
            session.get("http://127.0.0.1:1/refused?token=x", timeout=TIMEOUT_SECONDS)
        except requests.ConnectionError:
            answers.append(0)
    _ssm().get_parameter(Name="/cruddur/parity/backend-flask/honeycomb/dataset")
    try:
        _ssm().get_parameter(Name="/there/is/none")
    except ClientError as error:
        answers.append(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return {"answers": answers}


@_routes.get("/stream")
def stream() -> ResponseReturnValue:
    """A body that is made slowly, with a span of its own while it is."""

    def parts() -> Iterator[bytes]:
        with _tracer.start_as_current_span("making the body"):
            for _ in range(4):
                time.sleep(0.005)
                yield b"x" * 1000

    return app.response_class(parts(), mimetype="text/plain")


@_routes.post("/echo")
def echo() -> ResponseReturnValue:
    """The request's own body."""
    return app.response_class(request.get_data(), mimetype="application/octet-stream")


@_routes.get("/status/<int:code>")
def status(code: int) -> ResponseReturnValue:
    """The status that is asked for."""
    if code >= 400:
        abort(code)
    return "", code


def _deep(depth: int, text: str) -> None:
    if depth:
        return _deep(depth - 1, text)
    raise LookupError(text)


def _values() -> dict[str, Any]:
    return {
        "app.text": "Grüße, \N{SNOWMAN} and \N{GRINNING FACE}",
        "app.empty": "",
        "app.lines": 'one\ntwo\t"three"\\',
        "app.true": True,
        "app.false": False,
        "app.zero": 0,
        "app.negative": -1,
        "app.large": 2**62,
        "app.fraction": 0.1 + 0.2,
        "app.tiny": 5e-324,
        "app.whole": 2.0,
        "app.nan": math.nan,
        "app.infinite": -math.inf,
        "app.texts": ["a", "", "ü"],
        "app.numbers": [1, 2, 3],
        "app.fractions": [1.5, 2.0],
        "app.flags": [True, False],
        "app.none": [],
        "app key/with: everything": "x",
    }


@cache
def _ssm() -> SSMClient:
    config = Config(
        connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 1}
    )
    client: SSMClient = boto3.Session().client("ssm", config=config)
    return client


app.register_blueprint(_routes)
