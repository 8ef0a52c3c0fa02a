"""Traces by hand: what is known of real ones comes out of their documents."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from xray.segments import merge_trace, validate_document
from xray.traces import derive, inferred_documents, summarise
from xray.traces.facts import CauseException, CauseService, RootCause, ServiceFacts

ACCOUNT_ID = "111122223333"
FUNCTION_ACCOUNT_ID = "123456789012"
TRACE_ID = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
BEANSTALK = ("Scorekeep", "AWS::ElasticBeanstalk::Environment", ACCOUNT_ID)
LAMBDA = ("random-name", "AWS::Lambda", None)
FUNCTION = ("random-name", "AWS::Lambda::Function", FUNCTION_ACCOUNT_ID)
SNS = ("SNS", "AWS::SNS", None)
TABLE = ("scorekeep-user", "AWS::DynamoDB::Table", None)


@pytest.fixture(scope="module")
def scorekeep() -> Any:
    """Return the sample of the developer guide: what was sent, and what X-Ray inferred from it."""
    return json.loads((Path(__file__).parent / "data" / "scorekeep.json").read_text())


def segment(identity: str, **more: Any) -> dict[str, Any]:
    """Return a document of one second whose id is made of one digit."""
    document: dict[str, Any] = {"id": identity * 16, "name": identity, "start_time": 10.0, "end_time": 11.0}
    if "parent" in more:
        more["parent_id"] = more.pop("parent") * 16
    return document | {"trace_id": TRACE_ID} | more


def subsegment(identity: str, parent: str, **more: Any) -> dict[str, Any]:
    """Return an independent subsegment."""
    return segment(identity, parent=parent, type="subsegment", **more)


def key(service: ServiceFacts | CauseService) -> tuple[str, str | None, str | None]:
    """Return what tells one service from another."""
    return service.name, service.type, service.account_id


def names(cause: RootCause) -> list[tuple[str, list[str]]]:
    """Return a way's services, each with its entities."""
    return [(service.name, [entity.name for entity in service.entity_path]) for service in cause.services]


def test_scorekeep_has_its_services_and_calls(scorekeep: Any) -> None:
    """Beanstalk, Lambda's two nodes, the topic and the table; each call as its caller's subsegment has it."""
    facts = derive(scorekeep["sent"], ACCOUNT_ID)
    assert [key(service) for service in facts.services] == [BEANSTALK, LAMBDA, FUNCTION, SNS, TABLE]
    assert [service.inferred for service in facts.services] == [False, False, False, True, True]
    calls = {
        (edge.source_name, edge.source_type, edge.name, edge.type): (edge.id, edge.response_time)
        for edge in facts.edges
    }
    assert calls == {
        ("Scorekeep", "client", *BEANSTALK[:2]): ("194fcc8747581230", 3.232),
        (*BEANSTALK[:2], *LAMBDA[:2]): ("0c544c1b1bbff948", 2.943),
        (*LAMBDA[:2], *FUNCTION[:2]): ("00f91aa01f4984fd", 1.74),
        (*FUNCTION[:2], *SNS[:2]): ("b29b548af4d54a0f", 0.959),
        (*BEANSTALK[:2], *TABLE[:2]): ("4cd3f10b76c624b4", 0.079),
    }
    table, table_call = facts.services[-1], facts.edges[-1]
    assert (table.http_status, table.response_time) == (200, 0.079)
    assert table_call.source_account_id == ACCOUNT_ID


def test_scorekeep_has_the_figures_of_the_guide(scorekeep: Any) -> None:
    """Response time, duration, request, user and annotations are those of the guide's own summary."""
    facts = derive(scorekeep["sent"], ACCOUNT_ID)
    assert facts.trace_id == "1-59602603-23fc5b688855d396af79b496"
    assert facts.id_time == 0x59602603
    assert (facts.duration, facts.response_time) == (3.232, 3.232)
    assert (facts.http_method, facts.http_status) == ("POST", 200)
    assert facts.http_url == "http://scorekeep.elasticbeanstalk.com/api/user"
    assert (facts.http_user_agent, facts.http_client_ip) == ("Mozilla/5.0", "205.251.233.183")
    assert not any((facts.error, facts.fault, facts.throttle, facts.partial))
    entry = facts.services[facts.entry_point or 0]
    assert entry.root
    assert (entry.user, entry.availability_zone, entry.instance_id) == (
        *("5M388M1E", "us-west-2c", "i-0cd9e448944061b4a"),
    )
    assert facts.services[1].resource_arn == "arn:aws:lambda:us-west-2:123456789012:function:random-name"
    assert [(made.key, made.text, made.service) for made in facts.annotations] == [
        ("UserID", "5M388M1E", 2),
        ("Name", "Ola", 2),
    ]
    assert facts.services[2].annotations == facts.annotations


def test_scorekeep_spends_its_time_in_the_function(scorekeep: Any) -> None:
    """The way goes through both nodes of Lambda to the topic, which covers more than half of the function."""
    (cause,) = derive(scorekeep["sent"], ACCOUNT_ID).response_time_causes
    assert cause.client_impacting
    assert [key(service) for service in cause.services] == [BEANSTALK, LAMBDA, FUNCTION, SNS]
    assert [
        [(entity.name, entity.coverage, entity.remote) for entity in service.entity_path]
        for service in cause.services
    ] == [
        [("Scorekeep", 1.0, False), ("Lambda", 0.911, True)],
        [("random-name", 0.896, False)],
        [("random-name", 0.538, False), ("SNS", 0.297, True)],
        [("SNS", 0.297, False)],
    ]


def test_inferred_segments_are_those_that_xray_adds(scorekeep: Any) -> None:
    """All but the ids, which X-Ray makes up, is as in the guide."""
    added = inferred_documents(merge_trace(scorekeep["sent"]))
    wanted = {document["parent_id"]: document for document in scorekeep["inferred"]}
    assert {document["parent_id"]: {**document} for document in added} == {
        parent: {**document, "id": made["id"]}
        for parent, document in wanted.items()
        for made in added
        if made["parent_id"] == parent
    }


@pytest.mark.parametrize(
    ("call", "service"),
    [
        ({"namespace": "aws", "name": "SNS"}, ("SNS", "AWS::SNS", None)),
        ({"namespace": "aws", "name": "s3"}, ("s3", "AWS::S3", None)),
        ({"namespace": "aws", "name": "AWS::SQS"}, ("AWS::SQS", "AWS::SQS", None)),
        (
            {"namespace": "aws", "name": "dynamodb", "aws": {"table_name": "t", "account_id": "1"}},
            ("t", "AWS::DynamoDB::Table", "1"),
        ),
        (
            {"namespace": "aws", "name": "DynamoDB", "aws": {"table_names": ["t"]}},
            ("t", "AWS::DynamoDB::Table", None),
        ),
        (
            {"namespace": "aws", "name": "DynamoDB", "aws": {"table_names": ["t", "u"]}},
            ("DynamoDB", "AWS::DynamoDB", None),
        ),
        ({"namespace": "remote", "name": "names.example.com"}, ("names.example.com", "remote", None)),
        ({"namespace": "remote", "name": "db@host", "sql": {}}, ("db@host", "Database::SQL", None)),
        ({"namespace": "local"}, None),
        ({"sql": {}}, None),
        ({}, None),
        ({"namespace": "remote", "traced": True}, None),
        ({"namespace": "remote", "http": {"request": {"traced": True}}}, None),
        ({"namespace": "aws", "traced": False, "name": "SNS"}, ("SNS", "AWS::SNS", None)),
    ],
)
def test_calls_that_leave_the_service_stand_for_another(
    call: dict[str, Any], service: tuple[str, str, str | None] | None
) -> None:
    """Namespaces `aws` and `remote` do, unless the called service is to send a segment of its own."""
    documents = [segment("a"), subsegment("b", "a", **call)]
    assert not any(map(validate_document, documents))
    facts = derive(documents, ACCOUNT_ID)
    assert [key(found) for found in facts.services[1:]] == ([] if service is None else [service])
    assert [edge.id[0] for edge in facts.edges] == ["a"] if service is None else ["a", "b"]


def test_a_real_segment_takes_the_place_of_the_inferred_one() -> None:
    """As soon as the called service has sent its segment, nothing is inferred; figures stay the caller's."""
    call = subsegment("b", "a", namespace="remote", traced=True, end_time=10.5, fault=True)
    called = segment("c", parent="b", name="called", origin="AWS::ECS::Container")
    facts = derive([segment("a"), call, called], ACCOUNT_ID)
    assert [(service.name, service.inferred) for service in facts.services] == [
        ("a", False),
        ("called", False),
    ]
    _, edge = facts.edges
    assert (edge.name, edge.type, edge.response_time, edge.fault) == (
        "called",
        "AWS::ECS::Container",
        0.5,
        True,
    )


def test_a_segment_further_below_takes_the_place_of_the_inferred_one_too() -> None:
    """However many subsegments are between, of other calls too: the call is answered."""
    attempt = subsegment("c", "b", name="attempt #1")
    called = segment("d", parent="c", name="called")
    facts = derive([segment("a"), subsegment("b", "a", namespace="aws"), attempt, called], ACCOUNT_ID)
    assert [service.name for service in facts.services] == ["a", "called"]
    assert [edge.id[0] for edge in facts.edges] == ["a", "c"]
    inner = subsegment("c", "b", namespace="remote")
    facts = derive([segment("a"), subsegment("b", "a", namespace="remote"), inner, called], ACCOUNT_ID)
    assert [service.name for service in facts.services] == ["a", "called"]


@pytest.mark.parametrize(("between", "inner"), [({}, "c"), ({"namespace": "remote"}, "d")])
def test_of_calls_within_calls_the_innermost_of_one_name_counts(between: dict[str, Any], inner: str) -> None:
    """One client's call within another's is the same call; one of another name is a call of its own."""
    documents = [
        segment("a"),
        subsegment("b", "a", name="api", namespace="remote"),
        subsegment("c", "b", name="api" if inner == "c" else "proxy", namespace="remote"),
        subsegment("d", "c", name="api" if inner == "d" else "work", **between),
    ]
    facts = derive(documents, ACCOUNT_ID)
    inferred = [service.name for service in facts.services if service.inferred]
    assert inferred == (["api"] if inner == "c" else ["proxy", "api"])
    assert [edge.id[0] for edge in facts.edges] == ["a", *("c" if inner == "c" else "cd")]


def test_throttling_is_an_error() -> None:
    """Told so or not: the root, its summary's flags and its root causes agree."""
    facts = derive([segment("a", throttle=True)], ACCOUNT_ID)
    assert (facts.throttle, facts.error, facts.services[0].error, facts.edges[0].error) == (True,) * 4
    summary = summarise(facts, revision=1)
    assert (summary["HasThrottle"], summary["HasError"], summary["HasFault"]) == (True, True, False)
    assert len(facts.error_causes) == 1


def test_the_first_annotations_of_a_trace_are_indexed() -> None:
    """Fifty, by the start of the segments and subsegments that they stand in, whatever their order in it."""
    early = segment("b", parent="a", start_time=5.0, annotations={f"e{number}": 1 for number in range(30)})
    call = subsegment("c", "a", start_time=10.5, annotations={"late": 1})
    own = segment("a", annotations={f"a{number}": number for number in range(30)})
    facts = derive([own, early, call], ACCOUNT_ID)
    kept = [f"a{number}" for number in range(20)], [f"e{number}" for number in range(30)]
    assert [made.key for made in facts.annotations] == kept[0] + kept[1]
    assert [[made.key for made in service.annotations] for service in facts.services] == list(kept)
    assert len(summarise(facts, revision=1)["Annotations"]) == 50


def test_ids_are_compared_without_their_case() -> None:
    """Of parents, and of exceptions that a cause names."""
    thrown = {"exceptions": [{"id": "E" * 16, "type": "Timeout"}]}
    documents = [
        segment("a", fault=True, cause="e" * 16),
        {**subsegment("b", "A", fault=True, namespace="remote", cause=thrown), "id": "B" * 16},
        segment("c", parent="b"),
    ]
    facts = derive(documents, ACCOUNT_ID)
    assert [(service.name, service.root) for service in facts.services] == [("a", True), ("c", False)]
    (cause,) = facts.fault_causes
    assert [entity.exceptions for entity in cause.services[0].entity_path] == [
        (CauseException("Timeout", None),)
    ] * 2


def test_the_root_is_the_earliest_without_a_parent() -> None:
    """A segment whose parent isn't there yet is none if another has no parent; among such the first is."""
    late = segment("c", start_time=20.0, end_time=21.0)
    orphan = segment("b", parent="f", start_time=1.0, end_time=30.0)
    facts = derive([orphan, segment("d", start_time=22.0, end_time=23.0), late], ACCOUNT_ID)
    assert [service.root for service in facts.services] == [False, True, False]
    assert (facts.response_time, facts.duration, facts.entry_point) == (1.0, 29.0, 1)
    alone = derive([orphan, segment("e", parent="f", start_time=2.0)], ACCOUNT_ID)
    assert alone.services[alone.entry_point or 0].name == "b"


def test_without_a_segment_there_is_no_root() -> None:
    """Subsegments that came first tell of the services called, and of no caller."""
    facts = derive([subsegment("b", "a", namespace="remote", annotations={"k": 1})], ACCOUNT_ID)
    assert (facts.entry_point, facts.response_time, facts.edges) == (None, None, ())
    assert [service.type for service in facts.services] == ["remote"]
    assert [(made.number, made.service) for made in facts.annotations] == [(1.0, None)]


def test_progress_makes_a_trace_partial() -> None:
    """A root in progress has no response time yet; what is known of the trace is told."""
    running = segment("a", in_progress=True, start_time=9.0)
    del running["end_time"]
    facts = derive([running, subsegment("b", "a")], ACCOUNT_ID)
    assert facts.partial
    assert (facts.response_time, facts.duration, facts.response_time_causes) == (None, 2.0, ())
    assert not derive([segment("a")], ACCOUNT_ID).partial


def test_a_fault_is_followed_to_its_innermost_entity() -> None:
    """The way has each service with its entities and their exceptions, and ends with what was called."""
    thrown = {"exceptions": [{"id": "5" * 16, "type": "Timeout", "message": "too slow"}, {"id": "6" * 16}]}
    documents = [
        segment("a", fault=True, cause="5" * 16),
        subsegment("b", "a", fault=True),
        subsegment("c", "b", fault=True, namespace="remote", name="pay", cause=thrown),
        subsegment("d", "a"),
    ]
    facts = derive(documents, ACCOUNT_ID)
    assert facts.fault
    assert facts.error_causes == ()
    (cause,) = facts.fault_causes
    assert cause.client_impacting
    assert names(cause) == [("a", ["a", "b", "pay"]), ("pay", ["pay"])]
    own, called = cause.services
    assert [entity.exceptions for entity in own.entity_path] == [
        (CauseException("Timeout", "too slow"),),
        (),
        (CauseException("Timeout", "too slow"), CauseException(None, None)),
    ]
    assert [entity.remote for entity in own.entity_path] == [False, False, True]
    assert (called.inferred, called.type, called.entity_path[0].exceptions) == (True, "remote", ())


def test_errors_that_were_handled_do_not_reach_the_client() -> None:
    """Throttling counts as an error; two ways alike are told once."""
    calls = [subsegment(digit, "a", name="SNS", namespace="aws", throttle=True) for digit in "bc"]
    facts = derive([segment("a"), *calls, subsegment("d", "a", error=True)], ACCOUNT_ID)
    assert (facts.error, facts.throttle) == (False, False)
    assert [(cause.client_impacting, names(cause)) for cause in facts.error_causes] == [
        (False, [("a", ["a", "SNS"]), ("SNS", ["SNS"])]),
        (False, [("a", ["a", "d"])]),
    ]


def test_a_way_begins_at_the_entry_point() -> None:
    """Also where the call that led there is known and the segment that made it isn't."""
    documents = [subsegment("b", "a", namespace="remote"), segment("c", parent="b", fault=True)]
    (cause,) = derive(documents, ACCOUNT_ID).fault_causes
    assert (cause.client_impacting, names(cause)) == (True, [("c", ["c"])])


def test_a_failed_call_of_an_unknown_segment_is_told_by_its_name() -> None:
    """Where there is no segment above, the way begins with the subsegment itself."""
    (cause,) = derive([subsegment("b", "a", namespace="remote", error=True)], ACCOUNT_ID).error_causes
    assert (cause.client_impacting, names(cause)) == (False, [("b", ["b"]), ("b", ["b"])])
    assert [service.inferred for service in cause.services] == [False, True]


def test_time_is_followed_while_one_part_takes_more_than_half() -> None:
    """What goes on after the response doesn't count; neither does a part that takes half or less."""
    documents = [
        segment("a", end_time=20.0),
        subsegment("b", "a", start_time=12.0, end_time=18.0),
        subsegment("c", "b", start_time=12.0, end_time=15.0),
        subsegment("d", "b", start_time=15.0, end_time=18.0),
        subsegment("e", "a", start_time=19.0, end_time=99.0),
    ]
    (cause,) = derive(documents, ACCOUNT_ID).response_time_causes
    assert [(entity.name, entity.coverage) for entity in cause.services[0].entity_path] == [
        ("a", 1.0),
        ("b", 0.6),
    ]


def test_a_segment_covers_no_less_than_its_part_on_the_way() -> None:
    """Lambda initialises before the function's segment begins: both have the same coverage then."""
    documents = [
        segment("a", name="f", origin="AWS::Lambda", start_time=0.0, end_time=2.894),
        segment("b", parent="a", name="f", origin="AWS::Lambda::Function", start_time=2.6, end_time=2.89),
        subsegment("c", "b", name="Initialization", start_time=0.1, end_time=2.5975),
    ]
    (cause,) = derive(documents, ACCOUNT_ID).response_time_causes
    covered = [[(part.name, part.coverage) for part in service.entity_path] for service in cause.services]
    assert covered == [[("f", 1.0)], [("f", 0.863), ("Initialization", 0.863)]]


def test_causes_are_bounded() -> None:
    """Of many different ways the first ten are told."""
    failed = [subsegment(f"{number:x}", "0", name=f"part {number}", fault=True) for number in range(1, 16)]
    causes = derive([segment("0"), *failed], ACCOUNT_ID).fault_causes
    assert [names(cause)[0][1][1] for cause in causes] == [f"part {number}" for number in range(1, 11)]


def test_long_ways_are_told_from_both_ends() -> None:
    """A hundred services, a thousand entities; where the way begins and what failed are among them."""
    long = [
        {
            **segment("0", fault=True),
            "id": f"{number:016x}",
            "name": f"{number}",
            "parent_id": f"{number - 1:016x}",
        }
        for number in range(1, 300)
    ]
    (cause,) = derive(long, ACCOUNT_ID).fault_causes
    assert [service.name for service in cause.services] == [
        *map(str, range(1, 51)),
        *map(str, range(250, 300)),
    ]
    deep = [{**document, "type": "subsegment"} for document in long]
    deep += [
        {**deep[-1], "id": f"{n:016x}", "name": f"{n}", "parent_id": f"{n - 1:016x}"}
        for n in range(300, 1_502)
    ]
    first = {**segment("0", fault=True), "id": f"{0:016x}", "name": "0"}
    (cause,) = derive([first, *deep], ACCOUNT_ID).fault_causes
    (service,) = cause.services
    assert [entity.name for entity in service.entity_path] == [
        *map(str, range(500)),
        *map(str, range(1_002, 1_502)),
    ]


def test_times_that_no_client_could_read_are_the_last_one() -> None:
    """boto3 can't read an answer with a year beyond 9999, and nobody any of the traces in it."""
    facts = derive([segment("a", start_time=10**300, end_time=1.7e308), segment("b")], ACCOUNT_ID)
    last = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
    assert (facts.start_time, facts.end_time, facts.duration) == (10.0, last, last - 10)
    assert {service.start_time for service in facts.services} == {10.0, last}


def test_numbers_that_are_none_are_dropped() -> None:
    """An annotation that no client could read back is left out, the others stay."""
    made = {"big": 10**400, "nan": float("nan"), "inf": float("inf"), "yes": True, "one": 1, "text": ""}
    facts = derive([segment("a", annotations=made)], ACCOUNT_ID)
    assert [(each.key, each.text, each.number, each.flag) for each in facts.annotations] == [
        ("yes", None, None, True),
        ("one", None, 1.0, None),
        ("text", "", None, None),
    ]
