"""`bench share`: two arms of trainings, compared reward by reward on the seeds that both have."""

from __future__ import annotations

import pytest

from autoreward.bench import sharing
from autoreward.config import Settings, load_settings
from autoreward.environment.random_rollout import open_environment
from autoreward.views import TrainLine, TrainTotals, TrainView

SUCCESS = {  # by arm, then by reward: of seeds 0, 1, 2
    False: {"a.py": (1.0, 2.0, 3.0), "b.py": (0.0, 0.0, None)},
    True: {"a.py": (2.0, 3.0, 4.0), "b.py": (1.0, 1.0, 1.0)},
}


def trained(shares: bool) -> TrainView:
    lines = [
        TrainLine(
            file=name, seed=seed, status="failed" if success is None else "trained", success=success, progress=None,
            own_episodic_return=None, env_steps=10,
        )
        for name, several in SUCCESS[shares].items()
        for seed, success in enumerate(several)
    ]  # fmt: skip
    totals = TrainTotals(env_steps=60, seconds=2.0 if shares else 1.0, steps_per_second=1.0, members=6)
    return TrainView(lines=tuple(lines), totals=totals, checks=())


def test_differences_are_paired_by_reward_and_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Settings] = []

    def train_files(files: object, environment: object, task: object, metric: object, settings: Settings, tell: object) -> TrainView:  # fmt: skip # noqa: E501
        asked.append(settings)
        return trained(settings.design.share_experience)

    monkeypatch.setattr(sharing, "train_files", train_files)
    settings = load_settings({"algo": "sac", "seeds": 3, "n_timesteps": 10}).settings
    environment = open_environment("inverted_pendulum")
    view = sharing.bench_share(["a.py", "b.py"], environment, "balance", None, settings, lambda event: None)
    assert [one.design.share_experience for one in asked] == [False, True]
    first, second = view.rows
    assert first.separate is not None and (first.separate.mean, first.separate.seeds) == (2.0, 3)
    assert first.difference is not None and first.difference.fitness.mean == 1.0
    assert second.separate is not None and second.separate.seeds == 2  # one of its trainings failed
    assert view.separate is not None and view.separate.mean == 0.75  # seeds 0 and 1: (1 + 0) / 2 and (2 + 0) / 2
    assert view.difference is not None and view.difference.fitness.mean == 1.0
    assert view.seconds == (1.0, 2.0)
