"""The group: its filter, and what it takes."""

from __future__ import annotations

from tests.faults.fault import Fault, Found
from tests.faults.planted.ids import APPLY, GROUP
from tests.faults.world import NAME

_EFFECT = "xray.group.effect"

FAULTS = (
    Fault(
        "backend-flash",
        "Typed backend-flash for backend-flask in the filter: applied without a word, and shows nothing.",
        lambda hand: hand.asks(
            service_name="backend-flask", filter_expression='service("backend-flash")'
        ).applies(),
        {
            _EFFECT: Found(
                'nothing meets service("backend-flash")',
                "backend-flash is probably backend-flask: correct filter_expression of unit xray, then run",
            )
        },
    ),
    Fault(
        "filter-of-another-environment",
        "Copied env.hcl from prod, filter and all.",
        lambda hand: hand.asks(filter_expression='service("cruddur-prod-backend-flask")').applies(),
        {_EFFECT: Found('nothing meets service("cruddur-prod-backend-flask")', "correct filter_expression")},
    ),
    Fault(
        "filter-in-another-case",
        "Wrote the service's name with capitals: X-Ray compares them exactly.",
        lambda hand: hand.asks(filter_expression=f'service("{NAME.title()}")').applies(),
        {_EFFECT: Found("nothing meets service(", f"is probably {NAME}")},
    ),
    Fault(
        "filter-for-this-and-another-service",
        "Filters for traces with a second service, which the backend never calls.",
        lambda hand: hand.asks(
            filter_expression=f'service("{NAME}") AND service("ledger") {{ fault }}'
        ).applies(),
        {_EFFECT: Found('nothing meets service("ledger")', "correct filter_expression")},
    ),
    Fault(
        "filter-that-contradicts-itself",
        "Wants a service and not that service.",
        lambda hand: hand.asks(filter_expression=f'service("{NAME}") AND !service("{NAME}")').applies(),
        {_EFFECT: Found("nothing meets", "correct filter_expression")},
    ),
    Fault(
        "filter-that-cannot-be-read",
        "Left a parenthesis out: X-Ray refuses it, and what was applied before stays.",
        lambda hand: hand.asks(filter_expression='service("backend-flask"'),
        {GROUP: Found(f'filter=service("{NAME}")', "make apply")},
    ),
    Fault(
        "group-deleted",
        "Deleted the group in the console.",
        lambda hand: hand.xray.delete_group(GroupName=NAME),
        {GROUP: Found("no such group", APPLY), _EFFECT: Found("no such group", APPLY, "skip")},
    ),
    Fault(
        "group-changed-by-aws",
        "Ran `aws xray update-group` for a service of theirs on our group.",
        lambda hand: hand.changes_group(FilterExpression='service("billing")'),
        {
            GROUP: Found('filter=service("billing")', APPLY),
            _EFFECT: Found('nothing meets service("billing")', APPLY),
        },
    ),
    Fault(
        "insights-switched-on-by-hand",
        "Switched insights on in the console; they cost, and the next apply takes them away.",
        lambda hand: hand.changes_group(InsightsConfiguration={"InsightsEnabled": True}),
        {GROUP: Found("insights=true", APPLY)},
    ),
)
