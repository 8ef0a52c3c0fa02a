"""Three ways against a local cloud, with documents that the backend's own code makes of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from scripts.verify import expected
from scripts.verify.check import Status
from scripts.verify.loaded import run as three_ways
from scripts.verify.loaded.drawing import to_table
from scripts.verify.loaded.options import Request
from services.tracing.loaded.document import loaded_document
from services.tracing.resources import load
from services.tracing.sending.otlp_target import target_of
from services.tracing.settings import TracingSettings
from tests.scripts.loaded.answering import answering, entry, health
from xray.sampling import ignored_by_sdks, sort_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from scripts.aws import Clients
    from scripts.environment import Environment
    from scripts.verify.loaded.run import ThreeWays
    from tests.scripts.verify.made import Made

IDS = {"loaded.parameters", "loaded.group", "loaded.rules", "loaded.key", "loaded.workers"}


def loaded(made: Made, opened: Environment, **more: Any) -> dict[str, Any]:
    """Return what a worker tells that loads this environment now."""
    settings = TracingSettings(
        parameter_path=made.path,
        region="us-east-1",
        ssm_endpoint_url=opened.variables["AWS_ENDPOINT_URL"],
        xray_endpoint_url=opened.variables["AWS_ENDPOINT_URL"],
        **more,
    )
    resources = load(settings)
    return {
        "cause": "start",
        "number": 1,
        "pid": 12,
        "slot": 0,
        **loaded_document(
            attributes={"service.name": made.name, "service.version": "0.1.0"},
            service_type="",
            mode=settings.mode,
            parameter_path=made.path,
            resources=resources,
            rules=[rule for rule in sort_rules(resources.rules) if ignored_by_sdks(rule) is None],
            target=target_of(settings, resources.parameters)[0],
        ),
    }


@contextmanager
def told(*documents: dict[str, Any]) -> Iterator[Request]:
    """Answer as a backend whose workers loaded *documents*; yield how it is asked."""
    entries = [entry(12 + number, {**one, "pid": 12 + number}) for number, one in enumerate(documents)]
    with answering(health(*entries, wanted=len(entries))) as address:
        yield Request(address, None, 0)


def looked(made: Made, request: Request, clients: Clients | None = None) -> ThreeWays:
    """Return the three ways; each check is there once."""
    found = three_ways.run("local", made.units, clients or made.clients, request)
    assert sorted(result.id for result in found.results) == sorted(IDS)
    return found


def wrong(found: ThreeWays) -> dict[str, str]:
    """Return what isn't passed: by id what was found."""
    assert all(result.remedy for result in found.results if result.status is not Status.PASS)
    return {result.id: result.actual for result in found.results if result.status is not Status.PASS}


def test_what_was_just_loaded_passes(made: Made, opened: Environment) -> None:
    """In mode direct and in mode collector, where no key is loaded."""
    documents = [loaded(made, opened), loaded(made, opened, wanted_mode="collector")]
    assert [document["key"] is None for document in documents] == [False, True]
    with told(*documents) as request:
        found = looked(made, request)
    assert wrong(found) == {}
    assert made.key not in repr(found)
    assert to_table(found.rows).row_count == len(found.rows) == 1 + 5 + 3 + 3 + 1


@pytest.mark.parametrize(
    ("action", "check_id"),
    [
        ("xray:GetGroup", "loaded.group"),
        ("xray:GetSamplingRules", "loaded.rules"),
        ("ssm:DescribeParameters", "loaded.key"),
        ("kms:Decrypt", "loaded.key"),
        ("ssm:GetParameterHistory", "loaded.parameters"),
    ],
)
def test_a_denied_call_fails_its_check_and_is_named(
    action: str,
    check_id: str,
    made: Made,
    opened: Environment,
    denying: Callable[[str], AbstractContextManager[Clients]],
) -> None:
    """The other checks are made all the same."""
    document = loaded(made, opened)
    # Written again with the same value: the history tells that it is no drift.
    made.put("xray/group-name", made.name)
    with told(document) as request:
        assert wrong(looked(made, request)) == {}
        with denying(action) as clients:
            found = wrong(looked(made, request, clients))
    assert set(found) == {check_id}
    assert "denies" in found[check_id]


def test_a_log_that_may_not_be_read_is_named(
    made: Made, denying: Callable[[str], AbstractContextManager[Clients]]
) -> None:
    """Nobody is heard of, and nothing passes."""
    with denying("logs:FilterLogEvents") as clients:
        found = wrong(looked(made, Request(None, 2, 600), clients))
    assert set(found) == IDS
    assert "FilterLogEvents" in found["loaded.workers"]


def test_nobody_to_hear(made: Made) -> None:
    """The check of the workers fails, the others have nothing to look at."""
    found = looked(made, Request("http://127.0.0.1:9", None, 0))
    assert {result.id for result in found.results if result.status is Status.FAIL} == {"loaded.workers"}
    assert set(wrong(found)) == IDS
    group = expected.log_group(made.units["logs"]).name
    found = looked(made, Request(None, 2, 600))
    assert f"0 heard of at log group {group}; 2 of 2 not heard of" in wrong(found)["loaded.workers"]


def test_a_backend_of_another_environment_is_compared_with_nothing(made: Made, opened: Environment) -> None:
    """Its parameters are others: which, is told."""
    with told({**loaded(made, opened), "parameter_path": "/cruddur/prod/backend-flask"}) as request:
        found = looked(made, request)
    assert set(wrong(found)) == IDS
    assert "parameters of /cruddur/prod/backend-flask" in wrong(found)["loaded.workers"]


def test_each_change_after_loading_is_in_its_own_check(made: Made, opened: Environment) -> None:
    """Changed in AWS alone, so that neither what is asked for nor what was loaded is the same."""
    with told(loaded(made, opened)) as request:
        made.clients.xray().update_sampling_rule(
            SamplingRuleUpdate={"RuleName": made.name, "URLPath": "/other"}
        )
        assert set(wrong(looked(made, request))) == {"loaded.rules"}
        made.clients.xray().update_group(GroupName=made.name, FilterExpression="fault")
        assert set(wrong(looked(made, request))) == {"loaded.rules", "loaded.group"}
        made.put("honeycomb/dataset", "other")
        assert set(wrong(looked(made, request))) == {"loaded.rules", "loaded.group", "loaded.parameters"}
        made.put_key("hcaik_" + "n" * 58)
        found = wrong(looked(made, request))
    assert set(found) == IDS - {"loaded.workers"}
    assert "different: AWS/loaded, asked for/loaded" in found["loaded.key"]
    assert "different: asked for/AWS, AWS/loaded" in found["loaded.parameters"]


def test_with_nothing_left_everything_differs(made: Made, opened: Environment) -> None:
    """All of it deleted behind the workers' back."""
    with told(loaded(made, opened)) as request:
        made.remove()
        found = wrong(looked(made, request))
    assert set(found) == IDS - {"loaded.workers"}
    for actual in found.values():
        assert "(none) in AWS" in actual
