"""What is done when an application imports a library."""

import sys
from types import ModuleType

import pytest

from services.tracing.instrumentation import outgoing as instrument


def test_an_import_does_not_fail_for_its_instrumentation(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A package that is missing costs the spans of that library, and a line in the log."""
    monkeypatch.setitem(sys.modules, "services.tracing.instrumentation.sql", None)
    instrument._never_raising(instrument._LIBRARIES["sqlite3"])(ModuleType("sqlite3"))
    assert "sqlite3 is not instrumented (ModuleNotFoundError" in caplog.text
