"""What nobody expects at the start: an endpoint that isn't AWS, a library that is broken."""

from pathlib import Path

from tests.backend.process.backend_process import GUNICORN, started
from tests.backend.tracing.cloud import PATH, cloud
from tests.backend.tracing.servers import Answer, http_server

VARIABLES = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
    "TRACING_PARAMETER_PATH": PATH,
    "GUNICORN_WORKERS": "2",
}


def test_a_start_that_requires_tracing_ends_at_an_endpoint_that_is_not_aws(tmp_path: Path) -> None:
    """Exit code 4 and one line with the endpoint and the remedy, no traceback."""
    with http_server(lambda _: Answer(200, b"<html>login</html>")) as server:
        environment = {**VARIABLES, "AWS_ENDPOINT_URL": server.url, "TRACING_REQUIRED": "true"}
        with started(GUNICORN, tmp_path, environment) as backend:
            assert backend.exit_code() == 4, backend.output()
    [line] = backend.plain_lines()
    assert f"{server.url} answered what AWS doesn't (" in line
    assert "correct AWS_ENDPOINT_URL" in line
    assert "Traceback" not in backend.output()


def test_without_requiring_it_the_backend_serves_untraced(tmp_path: Path) -> None:
    """The same endpoint costs the traces only."""
    with http_server(lambda _: Answer(200, b"{}")) as server:
        environment = {**VARIABLES, "AWS_ENDPOINT_URL": server.url}
        with started(GUNICORN, tmp_path, environment) as backend:
            backend.wait_until_serving()
            problems = backend.get("/health/tracing").json()["problems"]
            assert all("answered what AWS doesn't (KeyError)" in problem for problem in problems), problems
            assert len(problems) == 2
            assert backend.stop() == 0


def test_an_error_of_another_kind_is_a_problem_too(tmp_path: Path) -> None:
    """A broken library: with TRACING_REQUIRED the code is 4, without it the backend serves and says so."""
    library = tmp_path / "broken" / "requests"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text("raise RuntimeError('this library is broken')")
    with cloud() as aws:
        environment = {**VARIABLES, "AWS_ENDPOINT_URL": aws.server.url, "PYTHONPATH": str(library.parent)}
        with started(GUNICORN, tmp_path, {**environment, "TRACING_REQUIRED": "true"}) as backend:
            assert backend.exit_code() == 4, backend.output()
            assert "tracing is required and can't start: unexpected RuntimeError" in backend.output()
        with started(GUNICORN, tmp_path, environment) as backend:
            backend.wait_until_serving()
            [problem] = backend.get("/health/tracing").json()["problems"]
            assert problem.startswith("unexpected RuntimeError")
            assert backend.stop() == 0
            assert "this library is broken" in backend.output()
