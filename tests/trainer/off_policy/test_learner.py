"""One member that learns, in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.task import pack_for_task
from autoreward.errors import EnvironmentFailedError
from autoreward.records import TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.off_policy.checkpoints import fingerprint, read_checkpoint
from autoreward.trainer.off_policy.learner import Exchange, Learned, Learner
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.rollout import PopulationRollout
from tests.trainer.conftest import Compiled

MakeJob = Callable[..., TrainingJob]


def learner(job: TrainingJob, sources: tuple[str, ...] = ()) -> Learner:
    pack = pack_for_task(load_pack(job.env), job.task)
    metric = None if job.metric is None else MetricProgram(job.metric)
    return Learner(job, job.members[0], pack, metric, 0.99, sources, Guard())


def learn(one: Learner, exchange: Exchange | None = None) -> Learned:
    return one.learn(None, exchange, lambda steps, latest: None)


@pytest.mark.parametrize("algo", ["sac", "td3"])
def test_a_member_has_the_same_weights_for_the_same_seed_and_others_for_another(
    off_policy_job: MakeJob, compiled: Compiled, algo: str
) -> None:
    job = off_policy_job({"alive": compiled.alive}, n_timesteps=96).model_copy(update={"algo": algo})
    first, again = learn(learner(job)), learn(learner(job))
    other = learn(learner(job.model_copy(update={"seed": 1})))
    for name, array in first.recording.policy.items():
        np.testing.assert_array_equal(again.recording.policy[name], array, err_msg=name)
    assert not np.array_equal(other.recording.policy["weights_0"], first.recording.policy["weights_0"])
    assert first.env_steps == 96 and first.failure is None
    episodes = first.recording.episodes
    assert episodes is not None and len(episodes.length) > 0


def test_the_steps_of_others_are_paid_by_its_own_reward(off_policy_job: MakeJob, compiled: Compiled) -> None:
    job = off_policy_job({"centred": compiled.centred}, n_timesteps=64)
    one = learner(job, sources=("alive",))

    def exchange(rollout: PopulationRollout) -> Mapping[str, PopulationRollout]:
        return {"alive": rollout}  # another that happens to have done the same

    learn(one, exchange)
    state = one._experience.state()
    assert len(state["reward"]) == 128 == 2 * 64
    own, others = state["reward"][:32], state["reward"][32:64]
    np.testing.assert_array_equal(others, own)  # the same steps under the same reward
    assert (own > 0.0).all() and (own <= 1.0).all()


def test_a_reward_that_is_not_finite_fails_the_member_and_says_where(
    off_policy_job: MakeJob, compiled: Compiled
) -> None:
    job = off_policy_job({"fragile": compiled.fragile}, n_timesteps=512)
    learned = learn(learner(job))
    assert learned.failure is not None and learned.failure.rule == "training.reward_not_finite"
    assert learned.env_steps < 512


def test_it_goes_on_where_it_was(off_policy_job: MakeJob, compiled: Compiled, tmp_path: Path) -> None:
    job = off_policy_job({"alive": compiled.alive}, n_timesteps=96)
    whole = learner(job)
    seen: list[int] = []

    class Killed(Exception):
        pass

    def report(steps: int, latest: Mapping[str, float | None]) -> None:
        seen.append(steps)
        if steps == 64:
            raise Killed

    file = tmp_path / "one.npz"
    with pytest.raises(Killed):
        whole.learn(None, None, report)
    whole.keep(file)
    state = read_checkpoint(file, fingerprint(job, job.members[0]))
    assert state is not None
    later = learner(job)
    later.restore(state)
    seen.clear()
    learned = later.learn(None, None, lambda steps, latest: seen.append(steps))
    assert seen == [96] and learned.env_steps == 96
    curves = learned.recording.curves
    assert curves is not None and curves.env_steps.tolist() == [32, 64, 96]


def test_an_action_that_the_algorithm_cannot_take_is_said(off_policy_job: MakeJob, compiled: Compiled) -> None:
    job = off_policy_job({"alive": compiled.alive}).model_copy(update={"algo": "dqn"})
    with pytest.raises(EnvironmentFailedError, match="dqn takes one choice"):
        learner(job)


def test_a_sparse_member_is_paid_the_growth_of_progress(off_policy_job: MakeJob) -> None:
    one = learner(off_policy_job({"sparse": None}, n_timesteps=320))
    learn(one)
    reward = one._experience.state()["reward"]
    assert np.isfinite(reward).all() and reward.any()
