"""The group's filter against what the backend sends: real traces, sample ones, and X-Ray's services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.verify.check import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripts.verify.made import Made

EFFECT, NODES = "xray.group.effect", "xray.group.nodes"


def _filter(made: Made, text: str) -> None:
    """Have this filter asked for, and there."""
    made.ask("xray", filter_expression=text)
    made.clients.xray().update_group(GroupName=made.name, FilterExpression=text)


def test_a_fresh_environment_passes_everything(made: Made) -> None:
    """Nothing was sent yet: sample traces are what the filter is tried on, and nodes aren't asked for."""
    results = made.verify()
    assert {one.status for one in results.values()} == {Status.PASS}
    assert "sample traces (none sent in the last hour)" in results[EFFECT].actual
    assert NODES not in results


def test_real_traces_come_first(made: Made) -> None:
    """What the backend sent in the last hour is what counts, and its node is in the graph."""
    made.send(made.name)
    made.send(made.name)
    results = made.verify()
    assert {one.status for one in results.values()} == {Status.PASS}
    assert results[EFFECT].actual == "2 of the last hour's 2 traces"
    assert results[NODES].expected == f"X-Ray saw {made.name}"


def test_a_misspelt_service_is_named_with_the_one_that_was_meant(made: Made) -> None:
    """`backend-flash` for `backend-flask`: applied as asked for, and it takes nothing."""
    misspelt = made.name[:-1] + "h"
    _filter(made, f'service("{misspelt}") {{ok}}')
    wrong = made.wrong()
    assert set(wrong) == {EFFECT}
    assert f'nothing meets service("{misspelt}") {{ok}}' in wrong[EFFECT].actual
    assert f"{misspelt} is probably {made.name}" in wrong[EFFECT].remedy
    assert "make apply" in wrong[EFFECT].remedy


def test_a_misspelt_service_with_real_traces(made: Made) -> None:
    """The backend's own traces are told, and of the graph's services the one that was meant."""
    made.send(made.name)
    misspelt = made.name[:-1] + "h"
    _filter(made, f'service("{misspelt}")')
    wrong = made.wrong()
    assert set(wrong) == {EFFECT, NODES}
    assert "none of the last hour's 1 trace" in wrong[EFFECT].actual
    assert wrong[NODES].remedy.startswith(f"{misspelt} is probably {made.name}")


def test_the_part_that_nothing_meets_is_told(made: Made) -> None:
    """Of several conditions only the wrong one."""
    _filter(made, f'service("{made.name}") AND service("Cruddur")')
    wrong = made.wrong()
    assert set(wrong) == {EFFECT}
    assert wrong[EFFECT].actual.endswith('nothing meets service("Cruddur")')


@pytest.mark.parametrize(
    "rest",
    [
        "responsetime > 10",
        'http.url CONTAINS "api.cruddur.com"',
        'user = "al"',
        "http.status = 503",
        'annotation.tenant = "a"',
    ],
)
@pytest.mark.parametrize("is_sent", [True, False])
def test_what_depends_on_requests_is_no_failure(made: Made, rest: str, *, is_sent: bool) -> None:
    """No trace meets it so far: whether one will isn't known, so nothing is said, as in `make check`."""
    if is_sent:
        made.send(made.name)
    _filter(made, f'service("{made.name}") AND {rest}')
    results = made.verify()
    assert {one.status for one in results.values()} == {Status.PASS}
    assert EFFECT not in results


@pytest.mark.parametrize("body", ["{fault}", "{error}", "{responsetime > 5}"])
def test_a_filter_for_what_is_rare_passes(made: Made, body: str) -> None:
    """An hour without a failure is no failure of the filter's."""
    made.send(made.name)
    _filter(made, f'service("{made.name}") {body}')
    results = made.verify()
    assert results[EFFECT].status is Status.PASS
    assert "none of the last hour's 1 trace" in results[EFFECT].actual


def test_a_filter_that_was_changed_by_hand_is_applied_anew(made: Made) -> None:
    """What AWS has is tried, not what was asked for; the remedy is an apply."""
    made.clients.xray().update_group(GroupName=made.name, FilterExpression='service("Cruddur")')
    wrong = made.wrong()
    assert set(wrong) == {EFFECT, f"xray.group.{made.name}"}
    assert wrong[EFFECT].remedy == "run `make apply ENV=local`"


def test_a_backend_that_reports_under_its_bare_name(made: Made) -> None:
    """OTEL_SERVICE_NAME without the environment's part: the filter is sound, and its service nowhere."""
    bare = made.name.removeprefix("made-")
    made.send(bare)
    wrong = made.wrong()
    assert set(wrong) == {NODES}
    assert f"{made.name} is probably {bare}" in wrong[NODES].remedy


def test_other_services_of_the_account_are_no_failure(made: Made) -> None:
    """Before the backend has sent anything, others' nodes say nothing about it, near as their names are."""
    made.send("payments")
    made.send(f"{made.name}2")
    assert made.wrong() == {}


def test_one_of_several_nodes_is_enough_for_or(made: Made) -> None:
    """A rare alternative needs no node; a service that is joined by AND does."""
    made.send(made.name)
    _filter(made, f'service("{made.name}") OR service("once-a-year")')
    assert made.wrong() == {}
    _filter(made, f'service("{made.name}") AND !service("never") AND edge("{made.name}", "ledger")')
    wrong = made.wrong()
    assert set(wrong) == {NODES}
    assert wrong[NODES].actual.startswith("not ledger; it saw ")
    assert wrong[NODES].expected == f"X-Ray saw {made.name}, ledger"


def test_without_a_group_there_is_nothing_to_try(made: Made) -> None:
    """Skipped, with what makes the group."""
    made.clients.xray().delete_group(GroupName=made.name)
    wrong = made.wrong()
    assert wrong[EFFECT].status is Status.SKIP
    assert (wrong[EFFECT].actual, wrong[EFFECT].remedy) == ("no such group", "run `make apply ENV=local`")


@pytest.fixture
def another(made: Made) -> Iterator[str]:
    """The ARN of group `another`, which takes what `deeper` does: good traces."""
    xray = made.clients.xray()
    xray.create_group(GroupName="deeper", FilterExpression="ok")
    created = xray.create_group(GroupName="another", FilterExpression='group.name = "deeper"')
    try:
        yield created["Group"]["GroupARN"]
    finally:
        for one in xray.get_groups()["Groups"]:
            if one["GroupName"] in {"another", "deeper"}:
                xray.delete_group(GroupName=one["GroupName"])


def test_a_filter_that_names_another_group_is_followed(made: Made, another: str) -> None:
    """By its name or ARN, and on to those that its own filter names."""
    for text in ('group.name = "another"', f'group.arn = "{another}"'):
        _filter(made, text)
        results = made.verify()
        assert {one.status for one in results.values()} == {Status.PASS}
        assert "sample traces" in results[EFFECT].actual


def test_another_group_for_another_service(made: Made, another: str) -> None:
    """It takes nothing of this one's, and neither does a group that is within it."""
    made.clients.xray().update_group(GroupARN=another, FilterExpression='service("Cruddur")')
    _filter(made, f'service("{made.name}") AND group.name = "another"')
    wrong = made.wrong()
    assert set(wrong) == {EFFECT}
    assert wrong[EFFECT].actual.endswith('nothing meets group.name = "another"')


@pytest.mark.usefixtures("another")
def test_another_group_that_is_gone_is_told(made: Made) -> None:
    """Which traces it took isn't known: skipped, with the reason."""
    _filter(made, 'group.name = "another"')
    made.clients.xray().delete_group(GroupName="another")
    wrong = made.wrong()
    assert wrong[EFFECT].status is Status.SKIP
    assert 'there is no group with group.name = "another"' in wrong[EFFECT].actual
    assert wrong[EFFECT].remedy.startswith("name a group that is there")
