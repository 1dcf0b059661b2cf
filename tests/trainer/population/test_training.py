"""The population: isolation of members, determinism, freed slots, no compilation per reward or count."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest

from autoreward.environment.declarations import ActionRange
from autoreward.errors import UsageError
from autoreward.recordings import Recordings, flatten
from autoreward.records import MemberSpec, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.population import ppo
from autoreward.trainer.population.candidate_members import CHECKPOINT_EPISODES, CHECKPOINT_ROUNDS
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.trainer import Trainer
from autoreward.trainer.population.training import averaging_decay, fill_population
from tests.trainer.conftest import SMALL, Compiled, recorded

MakeJob = Callable[..., TrainingJob]


def of_candidate(recordings: Recordings, candidate: str) -> Recordings:
    own = tuple(one for one in recordings if one.candidate == candidate)
    assert own and all(one.policy and one.curves is not None for one in own)
    return own


def assert_same(one: Recordings, other: Recordings) -> None:
    first, second = flatten(one), flatten(other)
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)


def test_others_are_bit_identical_whether_a_reward_is_finite_or_nan(
    job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    finite, with_finite = trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    broken, with_nan = trainer.train(job({"a": compiled.alive, "b": compiled.fragile}))
    assert [member.status for member in finite.members] == ["trained"] * 4
    by_name = {(member.candidate, member.seed): member for member in broken.members}
    assert by_name["b", 0].status == by_name["b", 1].status == "failed"
    finding = by_name["b", 0].finding
    assert finding is not None and "term 'root'" in finding.message
    assert by_name["a", 0].status == by_name["a", 1].status == "trained"
    assert_same(of_candidate(with_finite, "a"), of_candidate(with_nan, "a"))


@pytest.mark.thorough
def test_same_seed_same_result(job: MakeJob, compiled: Compiled) -> None:
    first, recordings = Trainer().train(job({"a": compiled.alive, "b": None}))
    second, again = Trainer().train(job({"a": compiled.alive, "b": None}))
    assert first.members == second.members
    assert_same(recordings, again)


def test_a_member_does_not_depend_on_its_slot(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    _, first = trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    _, last = trainer.train(job({"b": compiled.centred, "a": compiled.alive}))
    assert_same(of_candidate(first, "a"), of_candidate(last, "a"))


def test_new_rewards_and_fewer_candidates_compile_nothing(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    every = trainer.programs.values()
    all_programs = [one for made in every for one in (made.act, made.update_together, made.act_deterministic)]
    compiled_before = [one._cache_size() for one in all_programs]
    result, _ = trainer.train(job({"c": compiled.centred}))
    assert len(all_programs) == 3 * len(trainer.programs)
    assert [one._cache_size() for one in all_programs] == compiled_before
    assert [(member.candidate, member.seed) for member in result.members] == [("c", seed) for seed in range(4)]


@pytest.mark.thorough
def test_what_was_prepared_is_not_compiled_again_and_changes_nothing(job: MakeJob, compiled: Compiled) -> None:
    asked = job({"a": compiled.alive, "b": None})
    fresh, expected = Trainer().train(asked)
    prepared = Trainer()
    prepared.prepare(asked.model_copy(update={"members": (), "rewards": {}, "metric": None}))
    (programs,) = prepared.programs.values()
    before = [one._cache_size() for one in (programs.act, programs.update_together)]
    result, recordings = prepared.train(asked.model_copy(update={"n_timesteps": 128}))  # one iteration, as was prepared
    assert [one._cache_size() for one in (programs.act, programs.update_together)] == before
    result, recordings = prepared.train(asked)
    assert result.members == fresh.members
    assert_same(recordings, expected)


def test_freed_slots_are_filled_with_further_seeds() -> None:
    members = [MemberSpec(candidate=name, seed=seed) for name in ("a", "b") for seed in range(2)]
    filled = [(member.candidate, member.seed) for member in fill_population(members, 7)]
    assert filled == [("a", 0), ("a", 1), ("a", 2), ("a", 3), ("b", 0), ("b", 1), ("b", 2)]


def test_sparse_pays_the_progress_at_the_end(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    _, recordings = trainer.train(job({"a": compiled.alive, "sparse": None}))
    own, progress = (
        recorded(recordings, "sparse", 0).episodes.own_return,
        recorded(recordings, "sparse", 0).episodes.progress,
    )
    assert len(own) > 10
    np.testing.assert_allclose(own, progress, rtol=1e-6)


def test_the_policy_kept_is_the_average_of_the_last_ones() -> None:
    """Of 500 iterations a share of 0.04 is 20; without averaging the latest policy is all there is."""
    assert averaging_decay(SMALL.model_copy(update={"policy_average": 0.04}), 500) == pytest.approx(np.exp(-1 / 20))
    assert averaging_decay(SMALL.model_copy(update={"policy_average": 0.0}), 500) == 0.0
    programs = PopulationPrograms(3, ActionRange(np.array([-1.0]), np.array([1.0])), SMALL, gamma=0.99)
    old, new = (programs.initialise(job_seed, [0, 1]) for job_seed in (0, 1))
    mixed = programs.average(ppo.actor(old), new, np.float32(0.25))
    leaves = (jax.tree.leaves(tree) for tree in (mixed, ppo.actor(old), ppo.actor(new)))
    for made, first, second in zip(*leaves, strict=True):
        np.testing.assert_allclose(made, 0.25 * first + 0.75 * second, rtol=1e-6)


def test_the_best_own_return_is_a_mean_over_several_rounds_of_episodes(
    job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    """The member's last episodes, 4 an environment, as they stood after each iteration."""
    result, recordings = trainer.train(job({"a": compiled.alive}))
    window = CHECKPOINT_ROUNDS * SMALL.num_envs
    for member in result.members:
        one = recorded(recordings, "a", member.seed)
        own, ended = one.episodes.own_return, one.episodes.env_steps
        recent = [own[ended <= step][-window:] for step in one.curves.env_steps]
        assert len(recent[-1]) == window > CHECKPOINT_EPISODES
        best = max(episodes.mean() for episodes in recent if len(episodes) >= CHECKPOINT_EPISODES)
        assert member.own_return == pytest.approx(best, rel=1e-5)


def test_success_while_training_is_the_metric_of_whole_episodes(
    job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    _, recordings = trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    length = recorded(recordings, "a", 0).episodes.length
    # balanced in every step but the last one, which terminated
    np.testing.assert_allclose(recorded(recordings, "a", 0).episodes.success, (length - 1) / 1000.0, rtol=1e-5)
    np.testing.assert_allclose(recorded(recordings, "a", 0).episodes.term_sums[:, 0], length - 1, rtol=1e-6)


def test_evaluation_is_apart_from_training(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    result, recordings = trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    assert result.env_steps == 1024 * 4
    assert result.evaluation_steps > 0
    member = next(one for one in result.members if (one.candidate, one.seed) == ("a", 0))
    np.testing.assert_allclose(member.success, recorded(recordings, "a", 0).evaluation.success.mean(), rtol=1e-6)
    (best,) = (one.trajectories["best"] for one in recordings if one.candidate == "a" and "best" in one.trajectories)
    assert len({len(array) for array in (*best.fields.values(), best.action, best.terms)}) == 1
    metric = MetricProgram(compiled.metric)
    angle = best.fields["pole_angle"]
    padded = np.zeros((1000, 1), np.float32)
    padded[: len(angle), 0] = angle
    success, _ = metric({"pole_angle": padded, "valid": (np.arange(1000) < len(angle))[:, None]})
    everything = [one.evaluation.success for one in recordings if one.candidate == "a"]
    np.testing.assert_allclose(success[0], np.concatenate(everything).max(), rtol=1e-6)
    # progress up to each tenth, and points of the path of every evaluation episode, the last among them
    ends = [int(part[-1]) + 1 for part in np.array_split(np.arange(len(angle)), min(10, len(angle)))]
    so_far = [metric({"pole_angle": padded, "valid": (np.arange(1000) < end)[:, None]})[1][0] for end in ends]
    np.testing.assert_allclose(best.part_progress, so_far, rtol=1e-6)
    paths = next(one.paths for one in recordings if one.candidate == "a" and "best" in one.trajectories)
    assert paths["pole_angle"].shape == (len(paths["pole_up"]), 50)
    assert angle[-1] in paths["pole_angle"][:, -1]
    whole = [one for one in recordings if one.candidate == "a" and "first" in one.trajectories]
    first = {one.seed: one.trajectories["first"] for one in whole}
    assert list(first) == [0], "what people watch is recorded in full, of one seed"
    assert len(first[0].terms) == len(recorded(recordings, "a", 0).clips["first"])


def test_a_task_without_termination_is_played_to_its_own_horizon(
    job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    """Random actions topple a hopper at once: forward ends there, a flip of 500 steps goes on."""
    hopper = job({"a": compiled.alive}).model_copy(update={"env": "hopper", "metric": None})
    lengths = {}
    for task in ("forward", "back_flip"):
        result, _ = trainer.evaluate_random(hopper.model_copy(update={"task": task}))
        lengths[task] = [member.length for member in result.members]
    assert lengths["back_flip"] == [500.0, 500.0]
    assert max(lengths["forward"]) < 200.0


def test_a_batch_that_cannot_be_cut_is_refused(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    asked = job({"a": compiled.alive, "b": compiled.centred})
    wrong = asked.model_copy(update={"ppo": asked.ppo.model_copy(update={"num_minibatches": 3})})
    with pytest.raises(UsageError, match="num_minibatches = 3 does not divide"):
        trainer.train(wrong)


@pytest.mark.slow
def test_it_learns_to_balance(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    result, _ = trainer.train(job({"a": compiled.alive, "b": compiled.centred}, n_timesteps=24_000))
    random, _ = trainer.evaluate_random(job({"a": compiled.alive}))
    chance = np.mean([member.success for member in random.members if member.success is not None])
    assert chance < 0.02
    for member in result.members:
        assert member.success is not None and member.success > 10 * chance
