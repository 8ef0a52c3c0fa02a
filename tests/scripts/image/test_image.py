"""The backend as the image has it: its files and packages alone, started by CMD, asked by HEALTHCHECK."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scripts.image import sbom
from tests.backend.process.backend_process import BackendProcess, free_port, started
from tests.scripts.image import image_root
from tests.scripts.image.image_root import ImageRoot, listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TRACED = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "TRACING_SHUTDOWN_DEADLINE": "0.5"}
"""An OTLP back end that isn't there: what is recorded gets lost, and the last line says so."""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageRoot]:
    """The image's root: the packages take a minute where pip has to fetch them."""
    root = tmp_path_factory.mktemp("image")
    yield image_root.build(root)
    # else an unprivileged user couldn't remove what nobody may write
    for path in [root / "app", *(root / "app").rglob("*")]:
        if path.is_dir():
            path.chmod(0o700)


def serving(image: ImageRoot, folder: Path, **more: str) -> tuple[Sequence[str], dict[str, str], int]:
    """Return CMD as it is run in WORKDIR, its variables, and its port."""
    port = free_port()
    command = ("env", "-C", str(image.laid.working_folder), *image.laid.command)
    return command, image.environment(HOME=str(folder), PORT=str(port), **more), port


def healthy(image: ImageRoot, port: int) -> subprocess.CompletedProcess[str]:
    """Run HEALTHCHECK's command."""
    return subprocess.run(
        image.laid.health_command,
        env=image.environment(PORT=str(port)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_serves_from_its_own_files_alone(image: ImageRoot, tmp_path: Path) -> None:
    """It answers, is healthy, writes no file of the image, and ends at SIGTERM with the last line."""
    before = listing(image.laid.root)
    command, variables, port = serving(image, tmp_path, **TRACED)
    with started(command, tmp_path, variables, port=port) as backend:
        backend.wait_until_serving()
        assert backend.get("/api/activities/home").json()[0]["handle"] == "andrewbrown"
        assert loaded_modules(backend, image) == set()
        checked = healthy(image, port)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
        assert backend.stop() == 0, backend.output()
        assert backend.plain_lines() == []
        assert backend.log()[-1]["message"].startswith("all workers have ended: recorded ")
    checked = healthy(image, port)
    assert checked.returncode == 1
    assert checked.stderr.startswith(f"healthcheck: /health on 0.0.0.0:{port} does not answer (")
    assert listing(image.laid.root) == before


def loaded_modules(backend: BackendProcess, image: ImageRoot) -> set[str]:
    """Return the files that the backend has mapped from elsewhere than the image and Python itself."""
    with open(f"/proc/{backend.process.pid}/maps") as file:  # noqa: PTH123
        mapped = {line.split(maxsplit=5)[5].rstrip() for line in file if line.rstrip().endswith(".so")}
    assert mapped
    own = (str(image.laid.root), sys.base_prefix, "/lib", "/usr/lib")
    return {path for path in mapped if not path.startswith(own)}


@pytest.mark.parametrize("worker_class", ["gthread", "gevent", "sync"])
def test_every_kind_of_worker(image: ImageRoot, tmp_path: Path, worker_class: str) -> None:
    """What GUNICORN_WORKER_CLASS may ask for is installed."""
    command, variables, port = serving(image, tmp_path, GUNICORN_WORKER_CLASS=worker_class)
    with started(command, tmp_path, variables, port=port) as backend:
        backend.wait_until_serving()
        assert backend.stop() == 0, backend.output()


def test_wrong_settings_end_it(image: ImageRoot, tmp_path: Path) -> None:
    """Exit code 4 and a line for each, as everywhere: the task's stopped reason is told by it."""
    command, variables, port = serving(image, tmp_path, GUNICORN_KEEP_ALIVE="none", TRACING_REQUIRED="true")
    with started(command, tmp_path, variables, port=port) as backend:
        assert backend.exit_code() == 4
        assert [line.split()[1] for line in backend.plain_lines()] == [
            "GUNICORN_KEEP_ALIVE",
            "TRACING_REQUIRED",
        ]


def test_only_the_locks_packages(image: ImageRoot) -> None:
    """What the bill of materials has of requirements.txt, for this system, and no more: no pip, no tests."""
    ask = (
        "import json, importlib.metadata as m;"
        "print(json.dumps({d.name.lower().replace('_', '-').replace('.', '-'): d.version"
        " for d in m.distributions()}))"
    )
    said = subprocess.run(
        [image.packages / "bin" / "python", "-c", ask],
        env=image.environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    installed = json.loads(said)
    told = sbom.locked((image.laid.root / "build" / "requirements.txt").read_text(), "3.11")
    assert {"pip", "setuptools", "wheel", "pytest", "moto"}.isdisjoint(installed)
    assert installed == {package.name: package.version for package in told}
    assert {"flask", "gunicorn", "boto3", "gevent"} <= set(installed)


def test_read_by_all_and_written_by_nobody(image: ImageRoot) -> None:
    """Whatever the checkout's permissions are: user 10001 reads everything, and owns nothing."""
    for path in (image.laid.root / "app").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o555 if path.is_dir() else 0o444), path


def test_bytecode_is_there(image: ImageRoot) -> None:
    """Each module is compiled, and its bytecode isn't compared with the source: PEP 552, flags 0b01."""
    modules = [path for path in (image.laid.root / "app").rglob("*.py") if "-" not in path.stem]
    assert len(modules) > 100
    for path in modules:
        cache = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        assert int.from_bytes(cache.read_bytes()[4:8], "little") == 1, path


def test_the_interpreter_is_not_looked_for_elsewhere(image: ImageRoot) -> None:
    """The image's PATH begins with what it installs, so that CMD and HEALTHCHECK mean those programs."""
    first = str(image_path().split(":")[0])
    assert os.fspath(image.packages) == os.fspath(image.laid.root) + first.removesuffix("/bin")
    for program in (image.laid.command[0], image.laid.health_command[0]):
        assert (image.packages / "bin" / program).exists()


def image_path() -> str:
    """Return PATH as the Dockerfile writes it."""
    from scripts.image import contents

    return contents.dockerfile().environment()["PATH"]
