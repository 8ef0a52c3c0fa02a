"""``check``: what the command takes beyond rendering, with a plan of each unit, against the rendering alone.

The rendering is that of the same units, side by side, by bare Terragrunt. Neither asks anybody.
"""

from __future__ import annotations

import json
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import commands
from bench.figures import Figure, interleaved
from scripts.check.surroundings import STAND_INS
from scripts.environment import Environment, local_variables
from scripts.paths import LOCAL_VARIABLE
from scripts.terragrunt import units
from scripts.terragrunt.children import variables
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("check",)
ROUNDS = 7
RULES = 25
_NAME = "cruddur-local-backend-flask"
_RENDER = 'for unit in $2; do "$0" --working-dir "$1/$unit" render --json >/dev/null & done; wait'


def measure() -> Iterator[Figure]:
    """Yield the figure: wall seconds beyond rendering, and those of the rendering."""
    local = Environment("local", local_variables(os.environ, STAND_INS))
    names = " ".join(units.selected(local, ""))
    bare = ["/bin/sh", "-c", _RENDER, str(locate.terragrunt()), str(local.folder), names]
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(json.dumps(_plan()))
        ours = commands.scripts("check", "--plan", str(plan), "--format", "json")
        medians = interleaved(
            {
                "ours": partial(commands.wall_seconds, ours, environment={LOCAL_VARIABLE: folder}),
                "bare": partial(commands.wall_seconds, bare, environment=variables(local)),
            },
            ROUNDS,
        )
    yield Figure.of("check", medians["ours"] - medians["bare"], "s", medians["bare"])


def _plan() -> dict[str, object]:
    """Return a plan of a group and as many rules as X-Ray takes, no two of which meet the same requests."""
    resources = [
        _resource(
            "aws_xray_group",
            "this",
            {"group_name": _NAME, "filter_expression": f'service("{_NAME}")'},
        ),
        *(_resource("aws_xray_sampling_rule", str(number), _rule(number)) for number in range(1, RULES + 1)),
    ]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": [
            {
                **{member: resource[member] for member in ("address", "mode", "type")},
                "change": {"actions": ["create"], "before": None, "after": resource["values"]},
            }
            for resource in resources
        ],
        "configuration": {},
    }


def _resource(kind: str, name: str, values: dict[str, object]) -> dict[str, object]:
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "values": values}


def _rule(number: int) -> dict[str, object]:
    return {
        "rule_name": _NAME if number == RULES else f"cruddur-local-{number:02}",
        "priority": number,
        "reservoir_size": 1,
        "fixed_rate": 0.1,
        "service_name": _NAME,
        "service_type": "*",
        "host": "*",
        "http_method": "*",
        "url_path": "*" if number == RULES else f"/api/activities/@{number:02}*",
        "resource_arn": "*",
        "version": 1,
        "attributes": None,
    }
