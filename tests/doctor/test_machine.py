"""The machine: GPUs, memory, and where runs go."""

from __future__ import annotations

from pathlib import Path

from autoreward.doctor import machine, rendering


def test_a_run_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    (line,) = machine.check_runs(str(blocked))
    assert line.status == "failure"
    assert "--set runs=DIR" in line.fix


def test_a_file_of_the_working_folder_takes_the_place_of_no_module(folder_of_shadows: Path) -> None:
    (gpu,) = machine.check_gpu()
    frames = list(rendering.check_backends())
    assert "cannot be imported" not in gpu.detail
    assert len(frames) == len(rendering.BACKENDS)
    assert not list(folder_of_shadows.glob("imported_*"))
