"""What Terragrunt's and Terraform's output says: errors, changes of each unit, the holder of a lock."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LINE = re.compile(
    r"\d\d:\d\d:\d\d\.\d+ (?P<level>[A-Z]+)\s+(?:\[(?P<unit>[^\]]+)\] )?(?:terraform: )?(?P<text>.*)"
)
_PLAN = re.compile(r"Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy")
_APPLIED = re.compile(
    r"Apply complete! Resources: (?:(\d+) imported, )?(\d+) added, (\d+) changed, (\d+) destroyed"
)
_DESTROYED = re.compile(r"Destroy complete! Resources: (\d+) destroyed")
_FRAME = re.compile(r"^[│|╷╵]\s?")
# Terraform's quotation of the configuration, between an error's headline and its words
_QUOTED = re.compile(r"\s*(?:on \S+ line \d+|\d+: |[├│╷╵─]|This was checked by |\S+\.tf:\d)")
# Terragrunt's words for outputs that a unit needs and another hasn't got
_NO_OUTPUTS = re.compile(
    r"/([^/\s]+)/terragrunt\.hcl is a dependency of \S*/([^/\s]+)/terragrunt\.hcl but detected no outputs"
)
_LOCK_FIELD = re.compile(r"\s*(ID|Path|Operation|Who|Version|Created):\s+(.*\S)")


@dataclass(frozen=True)
class Changes:
    """How many resources a unit's plan or apply adds, changes, destroys and imports."""

    added: int
    changed: int
    destroyed: int
    imported: int = 0

    @property
    def any(self) -> bool:
        """Tell whether there is any change."""
        return bool(self.added or self.changed or self.destroyed or self.imported)


@dataclass
class Problem:
    """One ``Error:`` of Terraform or Terragrunt: the unit, the headline, the text below it."""

    unit: str
    headline: str
    details: list[str] = field(default_factory=list)
    level: str = ""
    """Terragrunt's for the stream that it came on: what comes on the other one meanwhile isn't its text."""

    @property
    def text(self) -> str:
        """The whole of it as one line, without what Terraform quotes of the configuration."""
        words = [line.strip() for line in self.details if not _QUOTED.match(line)]
        return " ".join([self.headline, *words]).strip()


class RunLog:
    """Reads a run's lines, one after the other. Terragrunt's own format, without colour."""

    def __init__(self) -> None:
        self.changes: dict[str, Changes] = {}
        self.planned: set[str] = set()
        """The units whose changes a plan has told, and no run has made, as far as it was heard."""
        self.problems: list[Problem] = []
        self.lock: dict[str, str] = {}
        self.lacking: dict[str, str] = {}  # by unit: the one whose outputs it needs and that has none
        self._open: dict[str, Problem] = {}
        self._unit = ""
        self._level = ""

    @staticmethod
    def split(line: str) -> tuple[str, str]:
        """Return the unit that *line* is about, empty for none, and its words without the prefix."""
        found = _LINE.fullmatch(line)
        return (found["unit"] or "", found["text"]) if found else ("", line)

    def feed(self, line: str) -> None:
        """Take one line. Lines without Terragrunt's prefix go on where the last one stopped."""
        found = _LINE.fullmatch(line)
        level = found["level"] if found else ""
        if found:
            self._unit, self._level = found["unit"] or "", level
        text = found["text"] if found else line
        if missing := _NO_OUTPUTS.search(text):
            self.lacking.setdefault(missing[2], missing[1])
        self._read_changes(text)
        self._read_problem(level, text)
        lock = _LOCK_FIELD.fullmatch(_FRAME.sub("", text))
        if lock and self.problems and "lock" in self.problems[-1].headline.lower():
            self.lock.setdefault(lock[1], lock[2])
            self.lock.setdefault("Unit", self._unit)

    def _read_changes(self, text: str) -> None:
        if "No changes." in text or "No objects need to be destroyed." in text:
            self._note(Changes(0, 0, 0))
        for pattern in (_PLAN, _APPLIED):
            if found := pattern.search(text):
                imported, added, changed, destroyed = (int(number or 0) for number in found.groups())
                self._note(Changes(added, changed, destroyed, imported), is_plan=pattern is _PLAN)
        if found := _DESTROYED.search(text):
            self._note(Changes(0, 0, int(found[1])))

    def _note(self, changes: Changes, *, is_plan: bool = False) -> None:
        self.changes[self._unit] = changes
        (self.planned.add if is_plan else self.planned.discard)(self._unit)

    def _read_problem(self, level: str, text: str) -> None:
        bare = _FRAME.sub("", text).strip()
        if bare.startswith("Error: "):
            problem = Problem(self._unit, bare.removeprefix("Error: "), level=self._level)
            self.problems.append(problem)
            self._open[self._unit] = problem
        elif text.startswith("╵"):
            self._open.pop(self._unit, None)
        elif bare and (opened := self._open.get(self._unit)) and opened.level == self._level:
            opened.details.append(bare)
        elif level == "ERROR" and bare and not text.startswith(("│", "╷")):
            self.problems.append(Problem(self._unit, bare))
