"""One fault as data: what the server answers, how the program is called, and what has to come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
SEARCH = ["--candidates", "1", "--generations", "1", "--seeds", "1", "-n", "256"]


@dataclass(frozen=True)
class Case:
    """A fault.

    `answers` come in turn, then `default`, each as `trial.answer` reads it. `args` follow `design` with the environment
    and the smallest search; `command` replaces all of that. In both, `{url}` and `{port}` are the server's.
    """

    name: str
    right: str  # in words
    answers: list[Any] = field(default_factory=list)
    default: Any = "program"
    args: list[str] = field(default_factory=list)
    command: list[str] | None = None
    shell: str | None = None  # a line for the shell instead, where it is the shell's doing; `{python}` is Python
    env: dict[str, str] = field(default_factory=dict)
    models: list[str] | None = None
    listener: str | None = None  # "ssh": what listens is no HTTP server; "none": nothing does
    exit: list[int] = field(default_factory=lambda: [0])
    calls: list[int] | None = None  # least and most requests
    says: list[str] = field(default_factory=list)  # patterns that stand in what is printed
    never: list[str] = field(default_factory=list)  # patterns that stand in nothing that is printed, stored or sent
    then: list[list[str]] = field(default_factory=list)  # commands after it, whose output counts too
    slow: bool = False  # it trains

    @property
    def of_process(self) -> bool:
        """Whether it is about the process itself: its streams, or what Python reads when it starts."""
        return self.shell is not None or any(name.startswith("PYTHON") for name in self.env)


def all_cases() -> list[Case]:
    """Every fault of the list."""
    with (FOLDER / "faults.yaml").open(encoding="utf-8") as file:
        return [Case(name=name, **told) for name, told in yaml.safe_load(file).items()]
