"""Several searches are told by their mean, with the interval over searches."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward import api
from autoreward.cli import tables
from autoreward.config import load_settings
from autoreward.errors import UsageError
from autoreward.records import Fitness, PairedDifference
from autoreward.runs.restarts import summarise
from autoreward.views import RestartRow
from tests.search.test_loop import TINY


def row(fresh: float | None, selected: float, human: float = 2.0, verdict: str = "not distinguishable") -> RestartRow:
    def fitness(mean: float) -> Fitness:
        return Fitness(mean=mean, low=mean - 1.0, high=mean + 1.0, seeds=5, episodes=50)

    difference = None if fresh is None else {"fitness": fitness(fresh - human), "verdict": verdict, "probability": 0.5}
    return RestartRow(
        run="r", folder="f", seed=0, best=None if fresh is None else "g00c00", selection=fitness(selected),
        fitness=None if fresh is None else fitness(fresh), human=fitness(human), sparse=None,
        difference=difference and PairedDifference.model_validate(difference), env_steps=10, replies=4,
    )  # fmt: skip


def test_the_mean_over_searches_and_never_the_best() -> None:
    told = summarise([row(1.0, 9.0), row(3.0, 8.0), row(5.0, 7.0, verdict="better"), row(None, 6.0)], 50)
    assert (told.restarts, told.failed, told.better, told.undecided, told.worse) == (4, 1, 1, 2, 0)
    assert told.above_human == 2 and (told.env_steps, told.replies) == (40, 16)
    assert told.fitness is not None and told.fitness.mean == 3.0 and told.fitness.seeds == 3
    assert told.fitness.high == pytest.approx(3.0 + 4.302653 * 2.0 / 3.0**0.5)  # t(0.975, 2) sd / sqrt(n)
    assert told.difference is not None and told.difference.mean == 1.0
    assert told.selection is not None and told.selection.mean == 8.0  # of those that ended with a reward


@pytest.mark.thorough
def test_restarts_are_runs_of_their_own_with_seeds_of_their_own(tmp_path: Path, warm: None) -> None:
    settings = load_settings({**TINY, "n_timesteps": 256, "runs": str(tmp_path), "generations": 1, "seed": 5}).settings
    view = api.design_restarts(env="inverted_pendulum", task="balance", settings=settings, restarts=2)
    assert [one.seed for one in view.rows] == [5, 6] and view.summary.restarts == 2
    assert len({one.folder for one in view.rows}) == 2
    fresh = [one.fitness.mean for one in view.rows if one.fitness is not None]
    assert view.summary.fitness is not None and view.summary.fitness.mean == pytest.approx(sum(fresh) / 2)
    (listing,) = tables.restarts(view)
    assert listing.row_count == 3  # two searches and their mean
    with pytest.raises(UsageError, match="target"):
        api.design_restarts(env="inverted_pendulum/balance", restarts=2, target=1.0, model="compose")
