"""The key's parameter: copies of the key that anybody can read, and older versions that are still in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.verify.check import Result, Status, failed, passed
from scripts.verify.effect.paging import pages

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from scripts.verify.parameters import KeyValue

NAMES_SHOWN = 5
_READABLE = ("String", "StringList")


def copies_result(client: SSMClient, path: str, key: KeyValue, remedy: str) -> Result:
    """Return whether no plain parameter below *path* holds the key, as its value or within it.

    Every page is read; values are compared in memory and told to nobody. *remedy* is what the key's own
    parameter needs, where there is no key to compare with. Raises one of ``aws.FAILURES``.
    """
    check_id, expected = "ssm.key.copies", f"no plain copy of the key below {path}"
    if not key.value:
        return Result(check_id, Status.SKIP, expected, "no key to compare with", remedy)
    looked_at, holders = 0, []
    for page in pages(
        client.get_parameters_by_path,
        Path=path,
        Recursive=True,
        ParameterFilters=[{"Key": "Type", "Values": list(_READABLE)}],
    ):
        for parameter in page["Parameters"]:
            looked_at += 1
            if key.value in parameter["Value"]:
                holders.append(f"{parameter['Name']} ({parameter['Type']})")
    if holders:
        return failed(
            check_id,
            expected,
            f"the key can be read in {_listed(sorted(holders))}",
            "delete that, make a new key at Honeycomb, write it with `make rotate-honeycomb-key`",
        )
    return passed(check_id, expected, f"none among {looked_at} plain parameters")


def history_result(client: SSMClient, name: str, remedy: str) -> Result:
    """Return whether only the newest version of the key's parameter is in use.

    An older one with a label is what somebody reads by that label; one that was a String can still be read.
    *remedy* is what to do where there is no such parameter. Raises one of ``aws.FAILURES``.
    """
    check_id, expected = "ssm.parameter.history", "no older version of the key is labelled or readable"
    try:
        versions = [
            version
            for page in pages(client.get_parameter_history, Name=name, WithDecryption=False)
            for version in page["Parameters"]
        ]
    except client.exceptions.ParameterNotFound:
        return Result(check_id, Status.SKIP, expected, "no such parameter", remedy)
    newest = max(version["Version"] for version in versions)
    older = sorted((one for one in versions if one["Version"] < newest), key=lambda one: one["Version"])
    labelled = [
        f"version {one['Version']} ({', '.join(one['Labels'])})" for one in older if one.get("Labels")
    ]
    readable = [f"version {one['Version']}" for one in older if one["Type"] in _READABLE]
    if readable:
        return failed(
            check_id,
            expected,
            f"readable, as it was no SecureString: {_listed(readable)}; the newest is {newest}",
            "delete the parameter, make a new key at Honeycomb, and apply with that",
        )
    if labelled:
        return failed(
            check_id,
            expected,
            f"still labelled: {_listed(labelled)}; the newest is {newest}",
            f"have its readers take version {newest}: `aws ssm label-parameter-version --name {name}` "
            "moves a label to it",
        )
    number = f"{len(versions)} versions" if len(versions) > 1 else "1 version"
    return passed(check_id, expected, f"{number}, {newest} is the newest")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
