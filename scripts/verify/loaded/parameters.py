"""Rows of the parameters and of the key: by version, as workers tell no value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts import secrets
from scripts.verify.loaded.fingerprint import key_fingerprint
from scripts.verify.loaded.ways import NONE, NOT_TOLD, Cell, Row
from scripts.verify.loaded.worker import COLLECTOR, Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_ssm import SSMClient

    from scripts.verify.expected import Key
    from scripts.verify.loaded.worker import HeldKey, Worker

NAMES_PER_CALL = 10
NO_KEY_SENT = Cell("(no key: it sends to another place than the parameters name)")
"""The key of SSM goes nowhere else: the backend's sending/otlp_target.py."""


@dataclass(frozen=True)
class Stored:
    """A parameter as SSM has it; ``value`` is None for a SecureString's."""

    type: str
    value: str | None = field(repr=False)
    version: Version


@dataclass(frozen=True)
class StoredKey:
    """The key as SSM has it, without its value."""

    version: int
    fingerprint: str | None
    description: str


def read(client: SSMClient, names: Sequence[str]) -> dict[str, Stored]:
    """Return the parameters *names* that exist, nothing decrypted."""
    found: dict[str, Stored] = {}
    for start in range(0, len(names), NAMES_PER_CALL):
        answer = client.get_parameters(Names=list(names[start : start + NAMES_PER_CALL]))
        for one in answer["Parameters"]:
            value = None if one["Type"] == "SecureString" else one["Value"]
            version = Version(one["Version"], one["LastModifiedDate"])
            found[one["Name"]] = Stored(one["Type"], value, version)
    return found


def read_key(client: SSMClient, name: str) -> StoredKey | None:
    """Return the key's version, fingerprint and description; None where there is no such parameter."""
    answer = client.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
    if not answer:
        return None
    secrets.remember(answer[0]["Value"])
    described = client.describe_parameters(
        ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": [name]}]
    )["Parameters"]
    description = described[0].get("Description", "") if described else ""
    return StoredKey(answer[0]["Version"], key_fingerprint(answer[0]["Value"].strip()), description)


def older_values(client: SSMClient, name: str) -> dict[Version, str]:
    """Return the plain values of the parameter's versions: SSM keeps the last 100."""
    pages = client.get_paginator("get_parameter_history").paginate(Name=name)
    return {
        Version(one["Version"], one["LastModifiedDate"]): one["Value"]
        for page in pages
        for one in page["Parameters"]
        if one["Type"] != "SecureString"
    }


def parameter_row(
    name: str,
    value: str,
    stored: Stored | None,
    older: Mapping[Version, str],
    workers: Sequence[Worker],
    path: str,
) -> Row:
    """Return the row of plain parameter *name*; *older* are values of other versions, as far as known."""
    below = name.removeprefix(f"{path}/")
    cells = {}
    for worker in workers:
        held = worker.parameters.get(below)
        cells[worker.name] = _not_held(worker) if held is None else _held(held, stored, older)
    if stored is None:
        aws = NONE
    elif stored.value is None:
        aws = Cell(f"type={stored.type}, version {stored.version.number}", stored.type)
    else:
        aws = Cell(f"{stored.value}, version {stored.version.number}", stored.value)
    return Row(f"parameter {below}", Cell(value, value), aws, cells)


def needs_history(name: str, stored: Stored | None, workers: Sequence[Worker], path: str) -> bool:
    """Tell whether a worker holds another version of a parameter than SSM has now."""
    below = name.removeprefix(f"{path}/")
    held = {worker.parameters[below] for worker in workers if below in worker.parameters}
    return stored is not None and bool(held - {stored.version})


def key_row(asked: Key, stored: StoredKey | None, workers: Sequence[Worker]) -> Row:
    """Return the key's row: Terraform's number stands in the parameter's description."""
    aws = NONE
    if stored is not None:
        shown = f"{_number(stored.description)}, {_versions(stored.version, stored.fingerprint)}"
        aws = Cell(shown, stored.description)
    cells = {worker.name: _held_key(worker, stored) for worker in workers}
    return Row("key", Cell(_number(asked.description), asked.description), aws, cells)


def key_remedy(workers: Sequence[Worker], *, old: str, none: str) -> str:
    """Return what helps workers that hold another key: *none* for those that send none, *old* for others."""
    keyless = [_sends_no_key(worker) for worker in workers]
    return "; ".join([text for text, is_meant in ((none, any(keyless)), (old, not all(keyless))) if is_meant])


def _sends_no_key(worker: Worker) -> bool:
    return worker.key is None and worker.mode != COLLECTOR


def _held(held: Version, stored: Stored | None, older: Mapping[Version, str]) -> Cell:
    shown = f"version {held.number}"
    if stored is not None and stored.version == held:
        return Cell(shown, stored.type if stored.value is None else stored.value)
    value = older.get(held)
    return Cell(shown, ("version", held.number)) if value is None else Cell(f"{value}, {shown}", value)


def _not_held(worker: Worker) -> Cell:
    return NOT_TOLD if worker.is_cut else NONE


def _held_key(worker: Worker, stored: StoredKey | None) -> Cell:
    key = worker.key
    if key is None:
        if _sends_no_key(worker):
            return NO_KEY_SENT
        return Cell("(a collector has it)", is_known=False)
    shown = _versions(key.version, key.fingerprint)
    if stored is not None and _is_same(key, stored):
        return Cell(shown, stored.description)
    return Cell(shown, ("key", key.version, key.fingerprint))


def _is_same(key: HeldKey, stored: StoredKey) -> bool:
    is_marked = key.fingerprint is not None and stored.fingerprint is not None
    if is_marked and key.fingerprint != stored.fingerprint:
        return False
    return is_marked if key.version is None else key.version == stored.version


def _versions(version: int | None, fingerprint: str | None) -> str:
    whose = "from a variable" if version is None else f"version {version}"
    return whose if fingerprint is None else f"{whose} ({fingerprint})"


def _number(description: str) -> str:
    """Return what a description says of Terraform's number."""
    number = description.rpartition("version ")[2]
    return f"key_version {number}" if number.isdecimal() else f"description {description!r}"
