"""Runs by path, id, end of id, and `last`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward.errors import StorageError, UnknownNameError, UsageError
from autoreward.ledger import Run, find_run, list_runs

NewRun = Callable[[], Run]


def test_every_name_of_a_run(new_run: NewRun, tmp_path: Path) -> None:
    first, second = new_run().path, new_run().path
    os.utime(first / "task.yaml", (1, 1))
    runs = tmp_path / "runs"
    assert list_runs(runs) == [first, second]
    assert find_run(runs, "last") == second
    assert find_run(runs, first.name) == first
    assert find_run(runs, first.name[-4:]) == first
    assert find_run(tmp_path, str(first)) == first


def test_an_unknown_run_names_the_nearest(new_run: NewRun, tmp_path: Path) -> None:
    suffix = new_run().path.name[-4:]
    with pytest.raises(UnknownNameError, match=f"Did you mean {suffix!r}") as caught:
        find_run(tmp_path / "runs", suffix[:3] + "!")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["last", "k3f9", ""])
def test_no_run_at_all(tmp_path: Path, name: str) -> None:
    assert list_runs(tmp_path / "nowhere") == []
    with pytest.raises(UnknownNameError, match="Known: none"):
        find_run(tmp_path / "nowhere", name)


def test_an_end_of_two_ids(new_run: NewRun, tmp_path: Path) -> None:
    run = new_run()
    run.close()
    run.path.rename(run.path.with_name("2026-01-01_a_xk3f9"))
    run = new_run()
    run.close()
    run.path.rename(run.path.with_name("2026-01-02_a_k3f9"))
    with pytest.raises(UsageError, match="2 runs end with '3f9'"):
        find_run(tmp_path / "runs", "3f9")


def test_a_half_made_run_is_not_listed(new_run: NewRun, tmp_path: Path) -> None:
    run = new_run()
    run.close()
    run.path.rename(run.path.with_name(".new-0011"))
    (tmp_path / "runs" / "README.md").write_text("not a run")
    assert list_runs(tmp_path / "runs") == []


def test_a_file_in_place_of_the_runs_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(StorageError, match="is a file, expected a folder with runs"):
        list_runs(tmp_path / "runs")
