"""Successive halving: who goes on, what it costs, and that stopping one candidate changes nothing for another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autoreward.records import Rung, TrainingJob
from autoreward.trainer.population.trainer import Trainer
from autoreward.trainer.progress import Progress
from autoreward.trainer.rungs import (
    NOTHING,
    by_iteration,
    count_survivors,
    count_whole_trainings,
    rank,
    select_survivors,
)
from tests.trainer.conftest import Compiled, recorded
from tests.trainer.population.test_training import assert_same, of_candidate

MakeJob = Callable[..., TrainingJob]
HALF = (Rung(at=0.5, keep=0.5),)


def halved(job: TrainingJob, rungs: tuple[Rung, ...] = HALF) -> TrainingJob:
    return job.model_copy(update={"rungs": rungs})


def test_how_many_go_on() -> None:
    assert [count_survivors(count, 0.5) for count in (8, 7, 2, 1)] == [4, 4, 1, 1]
    assert count_survivors(9, 1 / 3) == 3
    assert count_survivors(4, 0.1) == 1


def test_the_best_go_on_by_success_then_progress() -> None:
    scores = [(0.0, 0.3), (1.0, 0.0), NOTHING, (0.0, 0.5)]
    assert rank(scores) == [1, 3, 0, 2]
    assert select_survivors(scores, 0.5) == [1, 3]
    assert select_survivors([(1.0, 1.0), (1.0, 1.0)], 0.5) == [0]  # a tie goes to the earlier one
    assert select_survivors([NOTHING, NOTHING, (0.0, 0.0)], 0.3) == [2]


def test_nobody_is_stopped_before_everybody_has_shown_something() -> None:
    assert select_survivors([(5.0, 1.0), None, NOTHING], 0.3) == [0, 1, 2]


def test_what_halving_costs() -> None:
    assert count_whole_trainings(8, ()) == 8.0
    assert count_whole_trainings(8, HALF) == 6.0  # 8 x 1/2 + 4 x 1/2
    assert count_whole_trainings(8, (Rung(at=0.25, keep=0.5), *HALF)) == 4.0  # 8 x 1/4 + 4 x 1/4 + 2 x 1/2


def test_where_rungs_are() -> None:
    assert by_iteration(HALF, 9) == {5: HALF[0]}
    assert by_iteration((Rung(at=0.01, keep=0.5),), 9) == {1: Rung(at=0.01, keep=0.5)}
    assert by_iteration((Rung(at=0.95, keep=0.5),), 9) == {}


def test_the_worse_candidate_is_stopped_with_what_it_reached(
    job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    told: list[Progress] = []
    asked = halved(job({"a": compiled.alive, "b": compiled.centred}))
    result, recordings = trainer.train(asked, told.append)
    status = {(member.candidate, member.seed): member.status for member in result.members}
    (stopped,) = {name for (name, _), state in status.items() if state == "stopped"}
    going = "b" if stopped == "a" else "a"
    assert [status[going, seed] for seed in range(2)] == ["trained", "trained"]
    assert [status[stopped, seed] for seed in range(2)] == ["stopped", "stopped"]
    assert [recorded(recordings, name, 0).curves.env_steps[-1] for name in (stopped, going)] == [512, 1024]
    assert {member.env_steps for member in result.members if member.candidate == stopped} == {512}
    assert result.env_steps == 2 * 512 + 2 * 1024
    assert told[0].total_steps == told[-1].total_steps == told[-1].env_steps == 3072
    finding = next(member.finding for member in result.members if member.candidate == stopped)
    assert finding is not None and finding.rule == "training.stopped" and finding.severity == "warning"
    assert "after 512 of 1,024 steps" in finding.message and "place 2 of 2, and the best 1 went on" in finding.message
    for member in result.members:  # everybody is measured
        assert member.success is not None
        np.testing.assert_allclose(
            member.success, recorded(recordings, member.candidate, member.seed).evaluation.success.mean(), rtol=1e-6
        )
    assert any("best" in one.trajectories for one in recordings if one.candidate == stopped)


def test_the_score_is_that_of_the_last_episodes(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    """Ten episodes a member: more than its four environments. The candidate with the better mean goes on."""
    asked = job({"a": compiled.alive, "b": compiled.centred})
    _, whole = trainer.train(asked)
    means = {}
    for name in ("a", "b"):
        logs = [recorded(whole, name, seed).episodes for seed in range(2)]
        means[name] = np.mean([log.success[log.env_steps <= 512][-10:].mean() for log in logs])
    result, _ = trainer.train(halved(asked))
    (going,) = {member.candidate for member in result.members if member.status == "trained"}
    assert means[going] == max(means.values())
    finding = next(member.finding for member in result.members if member.status == "stopped")
    assert finding is not None and f"success {min(means.values()):.4g} " in finding.message


def test_up_to_the_rung_training_is_the_same(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    asked = job({"a": compiled.alive, "b": compiled.centred})
    _, whole = trainer.train(asked)
    _, part = trainer.train(halved(asked))
    for name in ("a", "b"):
        for kind in ("success", "own_return", "term_mean"):
            short, long = (getattr(recorded(several, name, 0).curves, kind)[:4] for several in (part, whole))
            np.testing.assert_array_equal(short, long)


def test_a_rung_that_stops_nobody_changes_nothing(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    asked = job({"a": compiled.alive, "b": compiled.centred})
    _, whole = trainer.train(asked)
    _, same = trainer.train(halved(asked, (Rung(at=0.5, keep=1.0),)))
    assert_same(whole, same)


@pytest.mark.thorough
def test_same_seed_same_result_with_rungs(job: MakeJob, compiled: Compiled) -> None:
    asked = halved(job({"a": compiled.alive, "b": compiled.centred}))
    first, recordings = Trainer().train(asked)
    second, again = Trainer().train(asked)
    assert first.members == second.members
    assert_same(recordings, again)


def test_a_member_does_not_depend_on_its_slot_with_rungs(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    one, first = trainer.train(halved(job({"a": compiled.alive, "b": compiled.centred})))
    other, last = trainer.train(halved(job({"b": compiled.centred, "a": compiled.alive})))
    assert_same(first, last)
    by_name = {(member.candidate, member.seed): member for member in other.members}
    assert all(by_name[member.candidate, member.seed] == member for member in one.members)


@pytest.mark.thorough
def test_who_goes_on_does_not_feel_who_was_stopped(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    """The other candidate is stopped for being worse, or first of all for having failed."""
    rewards = {"a": compiled.alive, "b": compiled.centred}
    result, worse = trainer.train(halved(job(rewards)))
    (going,) = {member.candidate for member in result.members if member.status == "trained"}
    broken, failed = trainer.train(halved(job({"broken": compiled.fragile, going: rewards[going]})))
    assert {member.candidate: member.status for member in broken.members} == {"broken": "failed", going: "trained"}
    assert recorded(failed, "broken", 0).curves.env_steps[-1] == 512
    assert_same(of_candidate(worse, going), of_candidate(failed, going))
