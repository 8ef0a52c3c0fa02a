"""``query`` and ``board`` run as make runs them: what is refused before anything is asked, what comes out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scripts.queries import files
from tests.scripts.queries.conftest import DURATION_MS, send

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.honeycomb.place import Place
    from scripts.localcloud_process import LocalCloud

INGEST_KEY = "hcaik_" + 58 * "g"


def run(*words: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command; *folder* is where the local cloud's files are."""
    return subprocess.run(
        [sys.executable, "-m", "scripts", *words],
        env={**os.environ, "TRACED_BACKEND_LOCAL": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refused(*words: str, folder: Path, **variables: str) -> str:
    """Run a command that has to end with 2 and one line on stderr, and return that."""
    finished = run(*words, folder=folder, **variables)
    assert (finished.returncode, finished.stdout) == (2, ""), finished.stderr
    assert finished.stderr.count("\n") == 1
    return finished.stderr


def test_without_a_name_the_queries_are_listed(tmp_path: Path) -> None:
    """Nothing has to run for that."""
    finished = run("query", folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == list(files.load())
    assert lines[-1].startswith("query: 12 queries")
    listed = run("query", "--format", "json", folder=tmp_path)
    assert [one["name"] for one in json.loads(listed.stdout)["queries"]] == list(files.load())
    assert "12 queries" in listed.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "p95"), "there is no query 'p95': use one of errors, heatmap, p90, p99"),
        (("--name", "p99", "--since", "59"), "SINCE is 59 s, and Honeycomb looks back over 60 s to 7 days"),
        (("--name", "p99", "--since", "8d"), "SINCE is 691200 s"),
        (("--name", "slow", "--since", "31d"), "X-Ray looks back over 1 s to 30 days"),
        (("--name", "p99", "--user", "ana"), "p99 takes no USER"),
        (("--name", "slow", "--user", "ana"), "slow takes no USER"),
        (("--name", "slow", "--dataset", "x"), "leave DATASET out"),
        (("--name", "user"), "add USER="),
        (("--name", "user", "--user", 'a"b'), "can't stand in a filter expression's string"),
    ],
)
def test_what_can_t_be_asked_is_refused_at_once(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    """Before a cloud, a key or credentials are looked for."""
    assert said in refused("query", *words, folder=tmp_path)


@pytest.mark.parametrize("command", [("query", "--name", "p99"), ("query", "--name", "slow"), ("board",)])
def test_without_a_local_cloud_the_remedy_is_named(command: tuple[str, ...], tmp_path: Path) -> None:
    """As with every other command."""
    assert "run `make local-up`" in refused(*command, folder=tmp_path)


@pytest.mark.parametrize("command", [("query", "--name", "p99"), ("board",)])
@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "HONEYCOMB_CONFIGURATION_KEY is not set"),
        (INGEST_KEY, "holds an ingest key, which can only send events"),
        ("hcaic_" + 58 * "g", "holds an ingest key"),
        ("hcamk_" + 32 * "g", "is no configuration key by its shape (38 characters)"),
    ],
)
def test_the_real_honeycomb_needs_a_key_that_may_ask(
    command: tuple[str, ...], key: str, said: str, tmp_path: Path
) -> None:
    """Which one, and where it is made; the wrong one is not shown."""
    text = refused(*command, "--env", "prod", folder=tmp_path, HONEYCOMB_API_KEY=key)
    assert said in text
    assert "set HONEYCOMB_CONFIGURATION_KEY to a configuration key of this environment" in text
    assert not key or key not in text


def test_the_key_to_ask_with_is_named_where_it_is_the_wrong_one(tmp_path: Path) -> None:
    """It comes before the one to send with, which could ask here."""
    keys = {"HONEYCOMB_CONFIGURATION_KEY": INGEST_KEY, "HONEYCOMB_API_KEY": 22 * "a"}
    text = refused("board", "--env", "prod", folder=tmp_path, **keys)
    assert "HONEYCOMB_CONFIGURATION_KEY holds an ingest key, which can only send events" in text
    assert INGEST_KEY not in text


def test_a_query_is_drawn(cloud: tuple[Path, LocalCloud], place: Place) -> None:
    """The newest minute is in it: Honeycomb would cut it off. The last line tells the window that it had."""
    asked = datetime.now(UTC)
    finished = run("query", "--name", "p99", "--since", "10m", "--dataset", place.slug, folder=cloud[0])
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    assert lines[0].startswith("P99(duration_ms): 30 s each")
    assert lines[0].endswith(f"UTC, highest {DURATION_MS}")
    assert lines[-2].split()[:3] == ["/home", str(DURATION_MS), "1"]
    told = re.fullmatch(
        rf"query local: p99: 1 row of {place.slug} in (.{{16}}):00 to (.{{16}}):00 UTC", lines[-1]
    )
    assert told is not None, lines[-1]
    begin, end = (datetime.strptime(one, "%Y-%m-%d %H:%M").replace(tzinfo=UTC) for one in told.groups())
    assert timedelta(minutes=10) < end - begin <= timedelta(minutes=12)
    assert asked - timedelta(minutes=11) < begin < asked < end


def test_json_is_all_that_is_on_stdout(cloud: tuple[Path, LocalCloud], place: Place) -> None:
    """Rows and series as Honeycomb has them; a span's event is not counted as a request."""
    words = ("query", "--name", "heatmap", "--dataset", place.slug, "--format", "json")
    finished = run(*words, folder=cloud[0])
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    [row] = found["results"]
    assert (row["COUNT"], row["P90(duration_ms)"]) == (1, DURATION_MS)
    [point] = found["series"]
    assert [one["count"] for one in point["data"]["HEATMAP(duration_ms)"]] == [1]
    assert found["dataset"] == place.slug
    assert finished.stderr.splitlines()[-1].startswith("query local: heatmap: 1 row")


def test_without_a_data_set_it_is_the_environments(cloud: tuple[Path, LocalCloud]) -> None:
    """Whose name is the service's, as the honeycomb unit has it."""
    folder, running = cloud
    name = "cruddur-local-backend-flask"
    send(running.honeycomb_api_endpoint, (folder / "honeycomb-key").read_text().strip(), name)
    finished = run("query", "--name", "routes", "--format", "json", folder=folder)
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["dataset"] == name
    assert found["results"] == [{"http.request.method": "GET", "http.route": "/home", "COUNT": 1}]


def test_all_data_sets_at_once(cloud: tuple[Path, LocalCloud], place: Place) -> None:
    """By Honeycomb's own word for them."""
    words = ("query", "--name", "routes", "--dataset", "__all__", "--format", "json")
    finished = run(*words, folder=cloud[0])
    assert finished.returncode == 0, finished.stderr
    [row] = [one for one in json.loads(finished.stdout)["results"] if one.get("http.route") == "/home"]
    assert row["COUNT"] >= 1


def test_a_data_set_that_is_not_there(cloud: tuple[Path, LocalCloud], place: Place) -> None:
    """Those that are there are named."""
    for command in (("query", "--name", "p99"), ("board",)):
        text = refused(*command, "--dataset", f"{place.slug}-x", folder=cloud[0])
        assert f"Honeycomb has no data set '{place.slug}-x'" in text
        assert place.slug in text


def test_a_data_set_by_its_name_in_any_case(cloud: tuple[Path, LocalCloud], place: Place) -> None:
    """As Honeycomb takes them."""
    finished = run("board", "--dataset", place.slug.upper(), folder=cloud[0])
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1].startswith(
        "board local: created, 8 queries, 8 of them new: https://"
    )


def test_the_local_honeycomb_has_its_own_key(cloud: tuple[Path, LocalCloud]) -> None:
    """A real one that the shell has for dev is not shown to it."""
    finished = run("board", folder=cloud[0], HONEYCOMB_CONFIGURATION_KEY=INGEST_KEY)
    assert finished.returncode == 0, finished.stderr


def test_a_key_that_honeycomb_does_not_know(cloud: tuple[Path, LocalCloud]) -> None:
    """Not repeated, and what to do instead."""
    text = refused("board", folder=cloud[0], HONEYCOMB_API_KEY=INGEST_KEY)
    assert "unset HONEYCOMB_API_KEY: the local Honeycomb has a key of its own" in text
    assert "Honeycomb doesn't take the key (reading what the key is: HTTP 401" in text
    assert INGEST_KEY not in text


def test_what_no_event_has_is_told(cloud: tuple[Path, LocalCloud], place: Place) -> None:
    """A column is known from the first event on that has it."""
    text = refused("query", "--name", "result-length", "--dataset", place.slug, folder=cloud[0])
    assert "app.result_length" in text
    assert "send first what has it" in text
