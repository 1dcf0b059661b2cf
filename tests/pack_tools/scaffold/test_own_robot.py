"""A robot of one's own goes through the whole of training and designing, by the path of its pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward import api
from autoreward.environment.pack import Pack
from autoreward.environment.task import task_names
from tests.pack_tools.conftest import ROBOTS, STRIDER
from tests.thorough import packs

pytestmark = pytest.mark.usefixtures("warm")

N_TIMESTEPS = 20_000
ALWAYS = ("quadruped",)  # one with a free base


@pytest.mark.parametrize("robot", packs(ROBOTS, ALWAYS))
def test_a_new_pack_trains(make: Callable[..., Pack], robot: str) -> None:
    pack = make(robot)
    view = api.train(["sparse"], str(pack.folder), task_names(pack)[0], seeds=1, n_timesteps=N_TIMESTEPS)
    (line,) = view.lines
    assert line.status == "trained"
    assert line.env_steps >= N_TIMESTEPS
    assert line.success is not None


@pytest.mark.thorough
@pytest.mark.slow
def test_a_renamed_and_turned_copy_of_the_demo_succeeds(tmp_path: Path) -> None:
    """Nothing is wired to the demo's names and axes: this one runs along -y, and no word of it is the same."""
    run = api.design(
        env=str(STRIDER), task="dash", model="compose", candidates=2, generations=1, seeds=1, final_seeds=2,
        n_timesteps=80_000, runs=str(tmp_path),
    )  # fmt: skip
    assert run.status == "done"
    assert run.best is not None
    assert run.best.fitness is not None
    assert run.baselines.random is not None
    assert abs(run.baselines.random.mean) < 10.0  # [m]
    assert run.best.fitness.mean > run.baselines.random.mean + 15.0  # on fresh seeds
    assert run.selection is not None
    assert run.selection.mean > 15.0
