"""Ids that several faults name."""

from __future__ import annotations

from tests.faults.world import HEALTH, NAME, PATH

KEY = f"ssm.parameter.{PATH}/honeycomb/api-key"
GROUP = f"xray.group.{NAME}"
RULE, HEALTH_RULE = f"xray.rule.{NAME}", f"xray.rule.{HEALTH}"
LOG_GROUP = f"logs.group.{PATH}"
HOME = "xray.rule.effective.GET /api/activities/home"
OF_HEALTH = "xray.rule.effective.GET /health"

EFFECTIVE = "xray.rule.effective.*"
"""The rule of each route."""
OF_AUTH = ("honeycomb.key.*", "honeycomb.dataset")
"""What only a key that Honeycomb has taken can tell."""
OF_KEY = ("ssm.key.copies", "honeycomb.key", *OF_AUTH)
"""What only a key that can be read can tell."""
OF_LISTS = (
    "xray.rule.service",
    "xray.rule.sampled",
    "xray.rule.shadowed",
    "xray.rule.ignored",
    "xray.rule.priority",
    "xray.rule.unmatched",
)
"""What can't be told of a list that lacks a rule."""

APPLY = "run `make apply ENV=local`"
ROTATE = "make rotate-honeycomb-key ENV=local"
