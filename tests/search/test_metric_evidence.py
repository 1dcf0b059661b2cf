"""What whoever revises a metric is shown of the best policy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autoreward.environment.random_rollout import open_environment
from autoreward.ledger.recordings import write_recordings
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.metric_evidence import describe_best
from tests.search.stored_run import add_candidate, add_training, member, new_run


def test_the_best_episode_in_a_few_moments_of_its_small_fields(tmp_path: Path) -> None:
    env = open_environment("hopper").spec
    fields = {
        "torso_velocity": np.arange(75.0).reshape(25, 3), "observation": np.zeros((25, 11)), "time": np.arange(25.0),
    }  # fmt: skip
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00")
        add_training(run, "g00", [member("g00c00", 0, 2.0)])
        best = read_leaderboard(run).best
        assert best is not None
        assert describe_best(run, best, env) == ""  # nothing was recorded
        recording = MemberRecording("g00c00", 0, trajectories={"best": Trajectory(fields)})
        write_recordings(run, "g00c00", [recording])
        text = describe_best(run, best, env)
    head, _, columns, *rows = text.splitlines()
    period = env.control_period
    assert (
        head == f"Success of the policy on average: 2. One of its episodes, {25 * period:.2g} s of {1000 * period:g} s:"
    )
    assert columns == "time [s] | torso_velocity.x | torso_velocity.y | torso_velocity.z"
    assert len(rows) == 12
    assert rows[0] == f"{period:.2g} | 0 | 1 | 2" and rows[-1] == f"{25 * period:.2g} | 72 | 73 | 74"
