"""What helps to use autoreward: what works on this machine, and how a coding agent goes about it."""

from __future__ import annotations

from pathlib import Path

from autoreward.api.arguments import chosen_settings
from autoreward.config import Settings
from autoreward.views import DoctorLine


def doctor(settings: Settings | None = None) -> list[DoctorLine]:
    """What works on this machine, and what to do about the rest."""
    from autoreward.doctor import examine

    return examine(chosen_settings(settings, {}))


def skill() -> str:
    """How a coding agent uses the command line: `SKILL.md`, which lies in the package beside `llms.txt`."""
    return (Path(__file__).parent.parent / "SKILL.md").read_text(encoding="utf-8")
