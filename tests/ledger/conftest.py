from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.ledger import Run
from autoreward.records import MetricSpec, TaskSpec

METRIC = MetricSpec(
    origin="expression",
    code='def success(trajectory, params):\n    return {"success": trajectory.speed[-1]}\n',
    meaning="speed at the end",
    unit="m/s",
)


@pytest.fixture
def task() -> TaskSpec:
    return TaskSpec(env="half_cheetah", name="forward", text="Run → as fast\nas you can: 'go'.", metric=METRIC)


@pytest.fixture
def new_run(tmp_path: Path, task: TaskSpec) -> Iterator[Callable[[], Run]]:
    """Makes runs in `tmp_path / "runs"` and closes them after the test."""
    runs: list[Run] = []

    def make() -> Run:
        runs.append(Run.create(tmp_path / "runs", task, Settings(), {"numpy": "2"}))
        return runs[-1]

    yield make
    for run in runs:
        run.close()
