"""The units' outputs as a document."""

from __future__ import annotations

from scripts import outputs, secrets


def test_markdown_has_a_line_for_each_output_that_can_be_copied() -> None:
    """An address as it is, nothing of a value ends the block, a unit that was never applied has no line."""
    records = [{"name": "_x", "value": "a\n```\nb"}]
    values = {"service": {"url": "https://a.example", "image": None, "records": records}, "logs": {}}
    assert outputs.to_markdown("dev", values).splitlines() == [
        "### Outputs, dev",
        "",
        "````text",
        "service.url = https://a.example",
        "service.image = null",
        'service.records = [{"name": "_x", "value": "a\\n```\\nb"}]',
        "````",
    ]
    assert outputs.to_markdown("dev", {"a": {"b": "1\n```\n# 2"}}).splitlines()[3] == "a.b = 1 ``` # 2"


def test_markdown_has_no_secret() -> None:
    """What is known as one is replaced."""
    key = "a-key-" + 3 * "value"
    secrets.remember(key)
    assert f"a.b = {secrets.REPLACEMENT}" in outputs.to_markdown("dev", {"a": {"b": key}})
