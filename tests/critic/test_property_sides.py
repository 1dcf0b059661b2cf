"""Pairs as they were written become pairs that can be paid: played, found, compared with the metric."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.critic import check
from autoreward.critic.property_sides import Stage, prepare_tests
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.sides import coordinates
from autoreward.environment.task import split_environment
from autoreward.records import Property, Side
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.critic.test_properties import FALLING, PAIR, UPRIGHT, ready, stage_of


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum", "balance")


def test_a_pair_whose_better_side_the_metric_ranks_lower_is_dropped(pendulum: Environment, sandbox: Sandbox) -> None:
    turned = Property(better=FALLING, worse=UPRIGHT)
    verdicts, tests = prepare_tests([turned, PAIR], stage_of(pendulum, sandbox, metric=True))
    assert [(one.status, one.metric) for one in verdicts] == [("dropped", "worse"), ("kept", "equal")]
    assert verdicts[0].reason == 'the metric puts "upright" before "falling"'
    assert tests is not None and [one.pair for one in tests.verdicts] == [PAIR]


def test_a_pair_that_tells_nothing_more_is_dropped(pendulum: Environment, sandbox: Sandbox) -> None:
    equal, again = Property(better=UPRIGHT, worse=Side(words="stands")), PAIR.model_copy(update={"why": "again"})
    verdicts, tests = prepare_tests([equal, PAIR, again], stage_of(pendulum, sandbox))
    assert [one.status for one in verdicts] == ["dropped", "kept", "dropped"]
    assert verdicts[0].reason == '"upright" and "stands" are the same movement'
    assert verdicts[2].reason == 'it is the same as "upright" over "leaning"'
    assert tests is not None and [one.pair for one in tests.verdicts] == [PAIR]


def test_a_side_is_found_in_episodes_that_nobody_designed(pendulum: Environment, sandbox: Sandbox) -> None:
    fast = Side(words="fast", find="mean(abs(cart_velocity))")
    still = Side(words="still", find="mean(-abs(cart_velocity))")
    tests = ready(pendulum, sandbox, Property(better=fast, worse=still))
    speed = np.abs(tests.rows.next_state["cart_velocity"])
    assert speed[tests.side == 0].mean() > speed[tests.side == 1].mean()
    inside = tests.side[1:] == tests.side[:-1]
    np.testing.assert_array_equal(
        tests.rows.state["pole_angle"][1:][inside], tests.rows.next_state["pole_angle"][:-1][inside]
    )


@pytest.mark.parametrize(
    ("side", "reason"),
    [
        (Side(words="odd", pose={"hinje": 1.0}), "no coordinate named 'hinje'"),
        (Side(words="odd", action=(1.0, 1.0)), "action has 2 numbers, expected one or 1"),
        (Side(words="odd", find="mean(pole_engle)"), "no field named 'pole_engle'"),
        (Side(words="odd", find="pole_angle"), "one number a step"),
    ],
)
def test_a_side_that_cannot_be_played_says_why(
    pendulum: Environment, sandbox: Sandbox, side: Side, reason: str
) -> None:
    (verdict,), tests = prepare_tests([Property(better=UPRIGHT, worse=side)], stage_of(pendulum, sandbox))
    assert tests is None and verdict.status == "dropped" and reason in verdict.reason


def test_sides_are_found_in_somebody_elses_environment(sandbox: Sandbox) -> None:
    cart = open_environment(*split_environment("CartPole-v1", None))
    leaning, upright = "mean(abs(observation[..., 2]))", "mean(-abs(observation[..., 2]))"
    sides = [Side(words=words, find=find, seconds=0) for words, find in (("up", upright), ("leaning", leaning))]
    stage = Stage(cart.pack, cart.spec, sandbox)
    verdicts, tests = prepare_tests([Property(better=sides[0], worse=sides[1])], stage)
    assert [one.status for one in verdicts] == ["kept"] and tests is not None
    up, lean = np.abs(tests.rows.next_state["observation"][:, 2])
    assert up < lean
    source = "WEIGHTS = {'lean': 1.0}\n\n\ndef reward_terms(state, action, next_state, params):\n"
    source += "    return {'lean': jnp.abs(next_state.observation[..., 2])}\n"
    (verdict,) = check([("x", source)], cart.spec, cart.transitions, sandbox, tests=tests)
    assert [(one.rule, one.severity) for one in verdict.findings] == [("critic.property", "error")]
    assert coordinates(cart.pack) == ()
