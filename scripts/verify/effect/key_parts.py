"""The checks of the Honeycomb key as parts of a verification: each reads the key at most once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.verify import parameters
from scripts.verify.effect import honeycomb
from scripts.verify.effect.once import Once
from scripts.verify.effect.parameters import copies_result, history_result
from scripts.verify.engine import guarded

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from scripts.verify import expected
    from scripts.verify.check import Result
    from scripts.verify.effect.honeycomb import Place
    from scripts.verify.engine import Part


@dataclass(frozen=True)
class Remedies:
    """What helps: *again* where there is no parameter, *rotate* where its value is wrong."""

    again: str
    rotate: str


def of_key(
    client: SSMClient,
    asked: expected.Key,
    path: str,
    endpoint: str,
    place: Place,
    remedies: Remedies,
    *,
    local: bool,
) -> list[Part]:
    """Return the parts for the key that *asked* names; *endpoint*, Honeycomb's, is empty where none is known.

    *path* is the parameters'.
    """
    handed_on = parameters.KeyValue()
    parameter = {f"ssm.parameter.{asked.name}": parameters.key_expectation(asked)}
    # Each is guarded by itself: a refused read must not hide that the key was not shown.
    read = Once(
        lambda: guarded(
            parameter,
            lambda: [
                parameters.key_result(client, asked, handed_on, apply=remedies.again, rotate=remedies.rotate)
            ],
            local=local,
        )
    )
    copies = {"ssm.key.copies": f"no plain copy of the key below {path}"}
    history = {"ssm.parameter.history": "no older version of the key is labelled or readable"}

    def look_for_copies() -> list[Result]:
        [result] = read()
        return [copies_result(client, path, handed_on, result.remedy or remedies.again)]

    def ask_honeycomb() -> list[Result]:
        [result] = read()
        # Without a key to show, what is to be done is what the parameter needs.
        remedy = remedies.rotate if handed_on.value else result.remedy
        taken = {"honeycomb.key": f"accepted by {endpoint}"}
        results = guarded(
            taken, lambda: [parameters.honeycomb_result(endpoint, handed_on, remedy)], local=local
        )
        key, auth = handed_on.value, handed_on.auth
        if key is None or auth is None:
            why = "Honeycomb has not taken the key" if key else "no key to show"
            return results + honeycomb.skipped(place, why, results[0].remedy or remedy)
        wanted = place.expectations()
        return results + guarded(
            wanted,
            lambda: honeycomb.results(honeycomb.Auth.read(auth, key), place, remedies.rotate),
            local=local,
        )

    parts: list[Part] = [
        (parameter, read),
        (copies, look_for_copies),
        (history, lambda: [history_result(client, asked.name, remedies.again)]),
    ]
    if endpoint:
        parts.append(({"honeycomb.key": f"accepted by {endpoint}", **place.expectations()}, ask_honeycomb))
    return parts
