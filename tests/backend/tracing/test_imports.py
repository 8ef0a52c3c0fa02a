"""services/tracing can be copied: what it imports is itself, xray and packages."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TRACING = ROOT / "backend-flask" / "services" / "tracing"


def test_tracing_imports_nothing_of_the_backend() -> None:
    """No module of the application, and no other service."""
    modules = {path.stem for path in (ROOT / "backend-flask").glob("*.py")}
    modules |= {f"services.{path.stem}" for path in (ROOT / "backend-flask" / "services").iterdir()}
    forbidden = modules - {"services.tracing", "services.__init__"}
    for path in TRACING.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path} imports relatively"
                names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                parts = name.split(".")
                prefixes = {".".join(parts[: index + 1]) for index in range(len(parts))}
                assert not prefixes & forbidden, f"{path.name} imports {name}"
