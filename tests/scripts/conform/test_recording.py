"""Recordings hold the run's own things and named fields; of the account's other traffic, a count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.conform.allowed import Owned
from scripts.conform.recording import Recording
from scripts.conform.redaction import Redactor

RUN = "0a1b2c3d"
OWN_TRACE = "1-6560a5b2-0123456789abcdef01234567"
OTHER_TRACE = "1-6560a5b2-aaaaaaaaaaaaaaaaaaaaaaaa"
FOREIGN = "acme-payroll"


def _recorded(call: str, answer: Any, status: int = 200) -> list[dict[str, Any]]:
    recording = Recording(Redactor({RUN: "RUN"}), Owned(RUN, {OWN_TRACE}))
    recording.add(call, {}, status, answer)
    found: list[dict[str, Any]] = json.loads(recording.to_json())
    return found


def _summary(trace_id: str, name: str) -> dict[str, Any]:
    return {
        "Id": trace_id,
        "HasFault": True,
        "Http": {"HttpURL": f"https://{name}.example/hr?token=x", "ClientIp": "203.0.113.77"},
        "Users": [{"UserName": f"{name}-user", "ServiceIds": []}],
        "Annotations": {f"{name}.key": [{"AnnotationValue": {"StringValue": name}}]},
    }


_LISTS = {
    "xray:GetTraceSummaries": ("TraceSummaries", _summary(OWN_TRACE, "mine"), _summary(OTHER_TRACE, FOREIGN)),
    "xray:GetServiceGraph": ("Services", {"Name": f"conform-{RUN}"}, {"Name": FOREIGN, "Type": "client"}),
    "xray:GetGroups": ("Groups", {"GroupName": f"conform-{RUN}-x"}, {"GroupName": FOREIGN}),
    "xray:GetSamplingRules": (
        "SamplingRuleRecords",
        {"SamplingRule": {"RuleName": f"conform-{RUN}-x"}},
        {"SamplingRule": {"RuleName": FOREIGN, "Host": f"{FOREIGN}.example"}},
    ),
    "xray:BatchGetTraces": (
        "Traces",
        {"Id": OWN_TRACE, "Segments": [{"Document": json.dumps({"name": "mine", "metadata": {FOREIGN: 1}})}]},
        {"Id": OTHER_TRACE, "Segments": [{"Document": json.dumps({"name": FOREIGN})}]},
    ),
}


@pytest.mark.parametrize("call", _LISTS)
def test_of_others_there_is_a_count(call: str) -> None:
    """A trace, a node, a group, a rule of somebody else's: its number, and nothing of it."""
    member, mine, foreign = _LISTS[call]
    recorded = _recorded(call, {member: [foreign, mine, foreign], "ApproximateTime": FOREIGN})
    kept = recorded[0]["answer"][member]
    assert (len(kept["own"]), kept["others"]) == (1, 2)
    assert FOREIGN not in json.dumps(recorded)


def test_data_sets_markers_and_boards_of_others_are_counted() -> None:
    """The environment's lists are the team's own."""
    for path in ("/1/datasets", "/1/boards", "/1/markers/__all__"):
        mine = {"name": f"conform-{RUN}", "slug": f"conform-{RUN}", "message": f"conform-{RUN}"}
        recorded = _recorded(f"honeycomb:GET {path}", [{"name": FOREIGN, "message": FOREIGN}, mine])
        assert recorded[0]["answer"]["others"] == 1
        assert FOREIGN not in json.dumps(recorded)


def test_the_key_s_team_and_environment_are_kept_as_types() -> None:
    """Who the key belongs to is nobody's claim."""
    access = {
        "id": "hcxlk_" + "01abc",
        "type": "configuration",
        "api_key_access": {"events": True},
        "environment": {"name": FOREIGN, "slug": FOREIGN},
        "team": {"name": FOREIGN, "slug": FOREIGN},
    }
    text = json.dumps(_recorded("honeycomb:GET /1/auth", access))
    assert FOREIGN not in text
    assert "01abc" not in text
    assert '"type": "configuration"' in text


def test_ids_of_the_service_s_own_go_from_paths_and_links() -> None:
    """An id is learnt where it is given, and replaced wherever it comes again."""
    recording = Recording(Redactor({RUN: "RUN"}), Owned(RUN))
    made = {"id": "i5W2mb45nQD", "links": {"board_url": "https://ui.honeycomb.io/a/board/i5W2mb45nQD"}}
    recording.add("honeycomb:POST /1/boards", {}, 201, made)
    recording.add("honeycomb:GET /1/boards/i5W2mb45nQD", {}, 200, made)
    assert "i5W2mb45nQD" not in recording.to_json()
    assert "GET /1/boards/<ID-1>" in recording.to_json()


@given(
    st.sampled_from(
        [*_LISTS, "xray:GetGroup", "xray:Unheard", "honeycomb:GET /1/auth", "honeycomb:GET /1/x"]
    ),
    st.recursive(
        st.just(FOREIGN),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([FOREIGN, "Groups", "Services", "Name"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
)
def test_whatever_the_answer_nothing_foreign_is_kept(call: str, answer: Any) -> None:
    """Of any form, under known names and under unknown ones."""
    assert FOREIGN not in json.dumps(_recorded(call, answer))


def test_what_a_case_observes_is_kept_redacted() -> None:
    """What a claim says nothing of stands in the recording for a reader."""
    recording = Recording(Redactor({}), Owned(RUN))
    recording.observe("bins", [{"low": 250.0, "at": 1_790_000_000}])
    found = [{"observed": "bins", "value": [{"low": 250.0, "at": "<TIME>"}]}]
    assert json.loads(recording.to_json()) == found
