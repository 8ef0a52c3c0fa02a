"""Reading typed values out of an environment, all problems noted before anything is refused."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

_ORIGIN = re.compile(r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?", re.ASCII)
_SHOWN_CHARACTERS = 60


@dataclass
class EnvironmentReader:
    """Reads variables by type; an unset or empty variable has its default.

    A malformed one has its default too, and a line in `problems`: check these before using any value.
    """

    environment: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def boolean(self, name: str, *, default: bool) -> bool:
        """Return a switch: true or false, in any case."""
        return self.choice(name, default=str(default).lower(), choices=("true", "false")) == "true"

    def integer(self, name: str, *, default: int, minimum: int, maximum: int) -> int:
        """Return a whole number from `minimum` to `maximum`."""
        text = self._text(name)
        if not text:
            return default
        well_formed = text.isascii() and text.isdigit() and len(text) <= len(str(maximum))
        if not well_formed or not minimum <= int(text) <= maximum:
            self._refuse(name, f"a whole number from {minimum} to {maximum}")
            return default
        return int(text)

    def choice(self, name: str, *, default: str, choices: Collection[str]) -> str:
        """Return one of `choices`, which is compared without regard to case."""
        text = self._text(name)
        if not text:
            return default
        found = {choice.lower(): choice for choice in choices}.get(text.lower())
        if found is None:
            self._refuse(name, f"one of {', '.join(choices)}")
            return default
        return found

    def origin(self, name: str) -> str | None:
        """Return a web origin, `scheme://host` or `scheme://host:port`, without a trailing slash."""
        text = self._text(name).rstrip("/")
        if not text:
            return None
        if _ORIGIN.fullmatch(text) is None:
            self._refuse(name, "an origin such as https://app.example.com or http://localhost:3000")
            return None
        return text

    def host(self, name: str, *, default: str) -> str:
        """Return a host name or address to listen on."""
        text = self._text(name)
        if not text:
            return default
        if re.fullmatch(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]", text) is None:
            self._refuse(name, "an address such as 127.0.0.1, 0.0.0.0 or [::]")
            return default
        return text

    def _text(self, name: str) -> str:
        return self.environment.get(name, "").strip()

    def _refuse(self, name: str, expected: str) -> None:
        shown = self._text(name)[:_SHOWN_CHARACTERS]
        self.problems.append(f"{name} is {shown!r}, expected {expected}: correct it or unset it")
