"""A case of h2spec's list: its section and number there, what it sends, and what must come back."""

import dataclasses
from collections.abc import Callable

from HTTP2.frames import Link


@dataclasses.dataclass(frozen=True)
class Case:
    section: str
    name: str
    run: Callable[[Link], None]
    # Sent as the client's first settings.
    settings: bytes = b""
    greet: bool = True

    def __str__(self) -> str:
        return f"{self.section}: {self.name}"


class Suite:
    """Collects the cases of one of h2spec's parts, in its order and with its numbers."""

    def __init__(self, part: str) -> None:
        self.part, self.cases, self.counts = part, [], {}

    def case(self, section: str, name: str, settings: bytes = b"", greet: bool = True):
        def add(run):
            number = self.counts[section] = self.counts.get(section, 0) + 1
            self.cases.append(Case(f"{self.part}/{section}/{number}", name, run, settings, greet))
            return run

        return add
