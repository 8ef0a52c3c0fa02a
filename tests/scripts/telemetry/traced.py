"""A checkout whose local cloud runs, and the traces of the commands that are run in it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import requests

from tests.end_to_end.checkout import COMMAND_TIMEOUT_SECONDS

if TYPE_CHECKING:
    import subprocess

    from tests.end_to_end.checkout import Checkout

SERVICE = "cruddur-local-backend-flask-deployments"
TOLD = re.compile(r"^trace (1-[0-9a-f]{8}-[0-9a-f]{24})(.*)$", re.MULTILINE)


def told(text: str) -> str:
    """Return the id of the one trace that a command's output names, which both sinks have."""
    [(trace_id, said)] = TOLD.findall(text)
    assert said.endswith(" spans in X-Ray and Honeycomb")
    return str(trace_id)


def above(spans: dict[str, dict[str, Any]], span: dict[str, Any]) -> list[str]:
    """Return the names from *span* up to the root."""
    names = [span["name"]]
    while "trace.parent_id" in span:
        span = spans[span["trace.parent_id"]]
        names.append(span["name"])
    return names


@dataclass
class Traced:
    """A checkout whose local cloud runs, and what both sinks have of a command that was run in it."""

    checkout: Checkout
    addresses: dict[str, str]

    @classmethod
    def in_checkout(cls, checkout: Checkout) -> Traced:
        """Return that of a *checkout* whose local cloud runs."""
        return cls(checkout, checkout.addresses())

    @property
    def key(self) -> str:
        """The local Honeycomb's key."""
        return (self.checkout.root / ".local" / "honeycomb-key").read_text().strip()

    def run(
        self, *arguments: str, timeout: float = COMMAND_TIMEOUT_SECONDS, **environment: str
    ) -> tuple[subprocess.CompletedProcess[str], str, str]:
        """Run a command; return it, its trace's id and what else its line says, both empty without one."""
        finished = self.checkout.run(*arguments, environment=environment, timeout=timeout)
        told = TOLD.search(finished.stderr)
        return finished, told[1] if told else "", told[2] if told else ""

    def client(self) -> Any:
        """Return a client of the local X-Ray."""
        return boto3.client(
            "xray",
            region_name="us-east-1",
            endpoint_url=self.addresses["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.addresses["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.addresses["AWS_SECRET_ACCESS_KEY"],
        )

    def entities(self, trace_id: str) -> dict[str, dict[str, Any]]:
        """Return X-Ray's segments and subsegments of a trace by id, each with the id of what it is below."""
        [trace] = self.client().batch_get_traces(TraceIds=[trace_id])["Traces"]
        found: dict[str, dict[str, Any]] = {}

        def add(entity: dict[str, Any], above: str) -> None:
            found[entity["id"]] = {**entity, "parent_id": entity.get("parent_id") or above}
            for one in entity.get("subsegments", []):
                add(one, entity["id"])

        for segment in trace["Segments"]:
            add(json.loads(segment["Document"]), "")
        return found

    def events(self, trace_id: str) -> dict[str, dict[str, Any]]:
        """Return Honeycomb's events of a trace by span id."""
        address = f"{self.addresses['HONEYCOMB_API_ENDPOINT']}/_localcloud/traces"
        told = requests.get(f"{address}/{''.join(trace_id.split('-')[1:])}", timeout=10).json()
        return {event["data"]["trace.span_id"]: event for event in told["events"]}

    def whole(self, trace_id: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Return the root's columns, and all spans' by id. The sinks have the same, and the tree no gap."""
        spans = {number: event["data"] for number, event in self.events(trace_id).items()}
        assert set(spans) == set(self.entities(trace_id))
        [root] = [number for number, span in spans.items() if "trace.parent_id" not in span]
        assert all(span["trace.parent_id"] in spans for number, span in spans.items() if number != root)
        return spans[root], spans

    def traces(self) -> list[str]:
        """Return the ids of the traces of commands that X-Ray has."""
        asked = self.client().get_paginator("get_trace_summaries")
        pages = asked.paginate(
            StartTime=time.time() - 3600, EndTime=time.time() + 60, FilterExpression=f'service("{SERVICE}")'
        )
        return [str(one["Id"]) for page in pages for one in page["TraceSummaries"]]

    def markers(self) -> list[dict[str, Any]]:
        """Return Honeycomb's markers for all data sets."""
        address = f"{self.addresses['HONEYCOMB_API_ENDPOINT']}/1/markers/__all__"
        found: list[dict[str, Any]] = requests.get(
            address, headers={"X-Honeycomb-Team": self.key}, timeout=10
        ).json()
        return found

    def fault(self, **fault: object) -> None:
        """Switch a fault of Honeycomb on; without one, off."""
        address = f"{self.addresses['HONEYCOMB_API_ENDPOINT']}/_localcloud/faults"
        answer = requests.request("PUT" if fault else "DELETE", address, json=fault or None, timeout=10)
        assert answer.ok, answer.text
