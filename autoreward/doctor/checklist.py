"""All checks, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autoreward.config import Settings
from autoreward.doctor import machine, models, rendering, versions
from autoreward.views import DoctorLine


def examine(settings: Settings | None = None) -> list[DoctorLine]:
    """Looks at this machine. A check that breaks is a failure line of its own, never the end of the others.

    Args:
        settings: says which model and which run folder are meant.
    """
    chosen = settings or Settings()
    checks: tuple[tuple[str, Callable[[], Iterable[DoctorLine]]], ...] = (
        ("python", versions.check_python),
        ("packages", versions.check_packages),
        ("model", lambda: models.check_model(chosen.llm)),
        ("local servers", models.check_local_servers),
        ("rendering", rendering.check_backends),
        ("video", rendering.check_video),
        ("gpu", machine.check_gpu),
        ("gpu physics", machine.check_mjx),
        ("compilation cache", machine.check_compilation_cache),
        ("memory", machine.check_memory),
        ("isolation", lambda: machine.check_isolation(chosen.require_isolation)),
        ("runs", lambda: machine.check_runs(chosen.runs)),
    )
    return [line for name, check in checks for line in _guarded(name, check)]


def _guarded(name: str, check: Callable[[], Iterable[DoctorLine]]) -> list[DoctorLine]:
    try:
        return list(check())
    except Exception as error:  # a broken machine breaks in ways nobody foresaw: that is what a doctor is for
        detail = f"the check itself broke: {type(error).__name__}: {error}"
        return [DoctorLine(check=name, status="failure", detail=detail, fix="Please report this line.")]
