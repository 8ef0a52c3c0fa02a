"""Values as HCL: what is written is what Terragrunt and Terraform read back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.adopt import hcl
from scripts.adopt.things import Address
from tests.terraform.commands import Tree, run
from tests.terraform.test_units import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

ODD = [
    "",
    "plain",
    'a "quoted" one',
    "back\\slash\\n",
    "line\nreturn\rtab\t",
    "${a}",
    "%{if}",
    "$${a}",
    "$$${a}",
    "%%{a}$",
    "$%{a}%${b}",
    "$",
    "ünï ☃ \U0001f600",
    "bell \x07 del \x7f nbsp \u00a0 rtl \u202e",
    "# // /* */ <<EOF",
]
_ESCAPE = re.compile(r'\\(?:([\\"nrt])|u([0-9a-f]{4})|U([0-9a-f]{8}))|([$%])\4(?=\{)|.', re.DOTALL)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"'}


def unquoted(literal: str) -> str:
    """Read a literal by the specification's rules."""
    assert literal[0] == literal[-1] == '"'
    parts = []
    for found in _ESCAPE.finditer(literal[1:-1]):
        named, short, long, marker = found.groups()
        if short or long:
            parts.append(chr(int(short or long, 16)))
        else:
            parts.append(_NAMED[named] if named else marker or found[0])
    return "".join(parts)


@given(st.text(alphabet=st.one_of(st.sampled_from('${}%"\\\n ~a'), st.characters(codec="utf-8"))))
def test_a_literal_stands_for_its_text(text: str) -> None:
    """Whatever the text: nothing in it ends the literal, and no template begins."""
    literal = hcl.quoted(text)
    assert unquoted(literal) == text
    assert "\n" not in literal
    inner = re.sub(r"\\.", "", literal[1:-1])
    assert '"' not in inner
    assert not re.search(r"(?<![$])[$]\{|(?<![%])%\{", inner)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a", False),
        ("a ${b}", True),
        ({"a": "%{b}"}, True),
        ({"${a}": 1}, True),
        ({"a": {"b": "${c}"}}, True),
        (7, False),
        ({"a": "$ {b}", "c": None}, False),
    ],
)
def test_templates_are_seen_wherever_they_stand(value: object, found: bool) -> None:
    """In texts, keys and values of mappings; numbers have none."""
    assert hcl.has_template(value) is found


def test_terragrunt_and_terraform_read_back_what_was_written(tmp_path: Path) -> None:
    """Each odd text, as value and as key, numbers, booleans and null; and both formatters are content."""
    tree = Tree.copy(tmp_path).set("dev", ACCOUNT)
    values: dict[str, Any] = {f"text {number}": text for number, text in enumerate(ODD)}
    values |= {text: "as key" for text in ODD if text}
    values |= {
        "none": None,
        "yes": True,
        "no": False,
        "rate": 0.1,
        "whole": 5.0,
        "tiny": 1e-07,
        "empty": {},
        "list": ODD,
    }
    values["deep"] = {"long_name": 1, "b": {"x": 1}, "c": "d", "ee": 2}
    written = f"locals {{\n{hcl.body({'resource_tags': {'other': values}})}\n}}\n"
    (tree.config / "dev" / "adopted.hcl").write_text(written)
    settings = tree.render("dev/xray")["locals"]["root"]["settings"]
    assert settings["resource_tags"] == {"other": values}
    formatted = tree.terragrunt("dev", "hcl", "fmt", "--check", "--diff", "--file", "adopted.hcl")
    assert formatted.code == 0, formatted.output

    literals = ", ".join(hcl.quoted(text) for text in ODD)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "main.tf").write_text(f'output "odd" {{\n  value = [{literals}]\n}}\n')
    applied = run(["terraform", "apply", "-auto-approve", "-no-color"], tmp_path / "empty", tree.environment)
    assert applied.code == 0, applied.text
    shown = run(["terraform", "output", "-json", "odd"], tmp_path / "empty", tree.environment)
    assert json.loads(shown.output) == ODD


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (Address("aws_xray_group", "this"), "aws_xray_group.this"),
        (Address("aws_xray_encryption_config", "this", 0), "aws_xray_encryption_config.this[0]"),
        (Address("aws_xray_sampling_rule", "this", 'a"b'), 'aws_xray_sampling_rule.this["a\\"b"]'),
    ],
)
def test_addresses_as_terraform_writes_them(address: Address, text: str) -> None:
    """Texts of maps are quoted, numbers of lists are not."""
    assert str(address) == text
