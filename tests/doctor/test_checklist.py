"""Every check of the doctor on this machine, and on machines that have something wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.doctor import checklist, examine


def test_every_line_of_this_machine_has_a_status_and_a_cure(tmp_path: Path) -> None:
    lines = examine(Settings(runs=str(tmp_path / "runs")))
    expected = {"python", "packages", "model", "rendering egl", "video", "gpu", "memory", "isolation", "runs"}
    expected |= {"gpu physics", "compilation cache"}
    assert expected <= {line.check for line in lines}
    assert all(line.fix for line in lines if line.status != "ok")
    assert not (tmp_path / "runs").exists()


def test_a_check_that_breaks_is_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no such register")

    (line,) = checklist._guarded("gpu", broken)  # type: ignore[arg-type]
    assert (line.check, line.status) == ("gpu", "failure")
    assert "no such register" in line.detail
