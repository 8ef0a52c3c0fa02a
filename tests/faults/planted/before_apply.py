"""What `make check` finds in the configuration before anything is applied."""

from __future__ import annotations

from functools import partial

from tests.faults.fault import Fault, Found, Look
from tests.faults.world import HEALTH, NAME

_check = partial(Fault, look=Look.CHECK)
_EXTRA = {"priority": 100, "reservoir_size": 1, "fixed_rate": 1.0}
_PLACE = "/config/local/env.hcl"


def _adds(**rule: object) -> dict[str, object]:
    return {"extra": {**_EXTRA, **rule}}


FAULTS = (
    _check(
        "check-backend-flash",
        "Typed backend-flash for backend-flask in the filter.",
        lambda hand: hand.asks(service_name="backend-flask", filter_expression='service("backend-flash")'),
        {
            "xray.group.effect": Found(
                'none meets service("backend-flash")',
                "the backend reports as backend-flask, which backend-flash was probably meant to be",
            )
        },
    ),
    _check(
        "check-rule-for-Cruddur",
        "Wrote the rule for service Cruddur.",
        lambda hand: hand.asks(sampling_rules={"service": {"service_name": "Cruddur"}}),
        {
            "xray.rule.service": Found(f"{NAME} is for Cruddur", f"the backend reports as {NAME}"),
            "xray.rule.default": Found("11 of 14 routes", "have a rule for all requests"),
        },
    ),
    _check(
        "check-rule-for-backend-flash",
        "Typed backend-flash in the rule.",
        lambda hand: hand.asks(
            service_name="backend-flask", sampling_rules={"service": {"service_name": "backend-flash"}}
        ),
        {
            "xray.rule.service": Found(
                f"{NAME} is for backend-flash", "the backend reports as backend-flask"
            ),
            "xray.rule.default": Found("11 of 14 routes", "have a rule for all requests"),
        },
    ),
    _check(
        "check-filter-that-cannot-be-read",
        "Left a parenthesis out of the filter.",
        lambda hand: hand.asks(filter_expression='service("backend-flask"'),
        {
            "xray.group.filter": Found("the expression ends, expected )", "correct filter_expression"),
            "xray.group.effect": Found("the filter can't be read", "correct filter_expression", "skip"),
        },
    ),
    _check(
        "check-filter-with-an-unknown-keyword",
        "Wrote latency for responsetime.",
        lambda hand: hand.asks(filter_expression=f'service("{NAME}") AND latency > 5'),
        {"xray.group.filter": Found("latency", "correct filter_expression")},
        also=("xray.group.effect",),
    ),
    _check(
        "check-filter-by-an-annotation-never-set",
        "Filters by an annotation of which nothing is known here: only real traces tell.",
        lambda hand: hand.asks(filter_expression=f'service("{NAME}") AND annotation.tenant = "acme"'),
        {"xray.group.effect": Found('none meets annotation.tenant = "acme"', "make verify", "skip")},
        code=0,
    ),
    _check(
        "check-filter-that-contradicts-itself",
        "Wants a service and not that service.",
        lambda hand: hand.asks(filter_expression=f'service("{NAME}") AND !service("{NAME}")'),
        {"xray.group.effect": Found("none meets !service", "correct filter_expression")},
    ),
    _check(
        "check-rule-behind-a-catch-all",
        "Gave a rule for messages a higher number than the one for everything.",
        lambda hand: hand.asks(sampling_rules=_adds(priority=9500, url_path="/api/messages*")),
        {
            "xray.rule.shadowed": Found(
                f"cruddur-local-extra (priority 9500) behind {NAME} (priority 9000)", "the smaller priority"
            )
        },
    ),
    _check(
        "check-two-rules-of-one-priority",
        "Copied a rule and left its priority.",
        lambda hand: hand.asks(
            sampling_rules={
                "a": {**_EXTRA, "url_path": "/api/messages*"},
                "b": {**_EXTRA, "url_path": "/api/m*", "fixed_rate": 0.5},
            }
        ),
        {"xray.rule.priority": Found("100: cruddur-local-a, cruddur-local-b", "a priority of its own")},
    ),
    _check(
        "check-rule-with-attributes",
        "Asks for an attribute, which no SDK looks at.",
        lambda hand: hand.asks(sampling_rules=_adds(attributes={"tenant": "acme"})),
        {"xray.rule.ignored": Found("SDKs pass over rules with attributes", "leave attributes")},
    ),
    _check(
        "check-rule-with-a-resource-arn",
        "Asks for a resource's ARN, which no SDK follows.",
        lambda hand: hand.asks(sampling_rules=_adds(resource_arn="arn:aws:ecs:*")),
        {"xray.rule.ignored": Found("SDKs follow only rules for *", "resource_arn")},
    ),
    _check(
        "check-rule-of-version-2",
        "Raised the rule's version, as with a document of their own.",
        lambda hand: hand.asks(sampling_rules=_adds(version=2)),
        {"xray.rule.ignored": Found("version is 2; SDKs follow only version 1", "version out")},
    ),
    _check(
        "check-rule-for-a-path-that-is-no-route",
        "Wrote the rule for /api/v2, which the backend doesn't have.",
        lambda hand: hand.asks(sampling_rules=_adds(url_path="/api/v2/*")),
        {"xray.rule.unmatched": Found("cruddur-local-extra (url_path=/api/v2/*)", "url_path")},
    ),
    _check(
        "check-rule-for-another-host",
        "Wrote the rule for cruddur.com; the load balancer passes api.cruddur.com on.",
        lambda hand: hand.asks(sampling_rules={"service": {"host": "cruddur.com"}}).gives(
            "--host", "api.cruddur.com"
        ),
        {
            "xray.rule.unmatched": Found(f"{NAME} (host=cruddur.com)", "host"),
            "xray.rule.default": Found("11 of 14 routes", "have a rule for all requests"),
        },
    ),
    _check(
        "check-no-rule-of-its-own",
        "Took the service's rule out: Default gets all, and the backend is told of a rule that isn't there.",
        lambda hand: hand.asks(sampling_rules={"service": None}),
        {
            "xray.rule.default": Found("11 of 14 routes", "have a rule for all requests"),
            "xray.names": Found(f"xray/sampling-rule-name is {NAME}, there is {HEALTH}", _PLACE),
        },
    ),
    _check(
        "check-nothing-sampled",
        "Wrote rate and reservoir 0, for a test of what sampling costs, and committed that.",
        lambda hand: hand.asks(sampling_rules={"service": {"fixed_rate": 0, "reservoir_size": 0}}),
        {
            "xray.rule.sampled": Found(
                f"none: {NAME}, {HEALTH} leave all of them out", "correct fixed_rate or reservoir_size"
            )
        },
    ),
    _check(
        "check-rate-in-percent",
        "Wrote 10 for ten percent.",
        lambda hand: hand.asks(sampling_rules={"service": {"fixed_rate": 10}}),
        {"xray.rule.limits": Found("fixed_rate is 10.0, allowed are 0 to 1", "correct sampling_rules")},
    ),
    _check(
        "check-more-rules-than-x-ray-has-room-for",
        "Wrote a rule for each activity.",
        lambda hand: hand.asks(
            sampling_rules={
                f"r{number}": {**_EXTRA, "priority": 100 + number, "url_path": f"/api/activities/{number}"}
                for number in range(25)
            }
        ),
        {"xray.rule.limits": Found("there are 27 rules", "correct sampling_rules")},
    ),
    _check(
        "check-group-called-Default",
        "Called the group Default, which is X-Ray's own.",
        lambda hand: hand.asks(group_name="Default"),
        {
            "xray.names": Found("group Default is X-Ray's own", _PLACE),
            "xray.rule.limits": Found("X-Ray has a rule of this name", "correct sampling_rules"),
        },
        also=("xray.rule.default",),
    ),
    _check(
        "check-name-too-long",
        "Gave a rule a name that X-Ray refuses.",
        lambda hand: hand.asks(sampling_rules={"a-very-long-name-for-one-rule": _EXTRA}),
        {},
        code=2,
        says="X-Ray allows 32",
    ),
    _check(
        "check-misspelt-setting",
        "Wrote smpling_rules.",
        lambda hand: hand.asks(smpling_rules={}),
        {},
        code=2,
        says="there is no setting smpling_rules",
    ),
    _check(
        "check-everything-sampled",
        "Samples everything for a day, to find something, at prod's traffic.",
        lambda hand: hand.asks(sampling_rules={"service": {"fixed_rate": 1}}).gives(
            "--rate", "500", "--budget", "1000"
        ),
        {"cost": Found("at 500 requests a second", "make forecast BUDGET=")},
    ),
)
