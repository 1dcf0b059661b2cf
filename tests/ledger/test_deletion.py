"""A run is deleted whole, and never while somebody works on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward.errors import RunLockedError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.deletion import delete_run


def test_a_run_is_gone_with_everything_in_it(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.close()
    delete_run(run.path)
    assert list(run.path.parent.iterdir()) == []


def test_a_run_that_is_worked_on_stays(new_run: Callable[[], Run]) -> None:
    run = new_run()
    with pytest.raises(RunLockedError):
        delete_run(run.path)
    assert run.task.env == "half_cheetah"


def test_only_a_run_is_deleted(new_run: Callable[[], Run], tmp_path: Path) -> None:
    run = new_run()
    run.close()
    (tmp_path / "link").symlink_to(run.path)
    for path in (tmp_path, tmp_path / "link", tmp_path / "none"):
        with pytest.raises(UsageError, match="is not a run"):
            delete_run(path)
    assert run.path.is_dir()
