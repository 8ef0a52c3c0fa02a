"""The one root that the units are measured against: the same inputs, wired as the units are, other names."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from bench import one_root
from scripts.paths import CONFIG
from scripts.terragrunt.render import Target, Unit

UNITS = sorted(file.parent.name for file in (CONFIG / "local").glob("*/terragrunt.hcl"))
_TAKEN = re.compile(r"dependency\.([a-z-]+)\.outputs\.([a-z_]+)")
_EXPRESSION = re.compile(r"\$\{module\.([a-z-]+)\.([a-z_]+)\}")


def unit(name: str, **inputs: object) -> Unit:
    """Return a rendered unit with these inputs."""
    target = Target("us-east-1", "123456789012", "/cruddur/local/backend-flask", "env.hcl")
    return Unit(name, inputs, "states", f"backend-flask/{name}", "us-east-1", 'provider "aws" {}', target)


def test_modules_are_wired_as_the_units_are() -> None:
    """Each output that a unit takes of another is an expression here, none is left as what a mock says."""
    units = {name: unit(name) for name in UNITS}
    for name in UNITS:
        text = (CONFIG / "local" / name / "terragrunt.hcl").read_text()
        found = _EXPRESSION.findall(json.dumps(one_root.wired(name, units)))
        assert set(found) == set(_TAKEN.findall(text)), name


def test_a_unit_that_is_left_out_is_not_referred_to() -> None:
    """The tracing units alone make a root too."""
    for name in UNITS:
        text = json.dumps(one_root.wired(name, {name: unit(name)}))
        assert not _EXPRESSION.search(text)


def test_the_key_is_a_variable_that_reaches_no_state() -> None:
    """It comes by the environment, into an ephemeral variable."""
    found = one_root.configuration({"honeycomb-key": unit("honeycomb-key", honeycomb_api_key=None)})
    assert found["module"]["honeycomb-key"]["honeycomb_api_key"] == "${var.honeycomb_api_key}"
    assert found["variable"]["honeycomb_api_key"]["ephemeral"] is True


@given(st.dictionaries(st.text("abc_", min_size=1), st.text() | st.integers() | st.none() | st.booleans()))
def test_other_inputs_stay_as_they_are(inputs: dict[str, object]) -> None:
    """Only what bears the local environment's name gets another one."""
    names = {"path": "/cruddur/local/backend-flask", "name": "cruddur-local-backend-flask"}
    own = {"path": "/cruddur/bench/backend-flask", "name": "cruddur-bench-backend-flask"}
    assert one_root.renamed({**inputs, **names}) == {**inputs, **own}
