"""The main terms for each aim, evaluated on numbers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from autoreward.designer.compose.goals import goal_scale, goals_for, plain_goals
from autoreward.designer.compose.ingredients import Ingredient
from autoreward.designer.compose.words import MAIN_AIMS, read_aims
from autoreward.records import EnvSpec
from tests.designer.env_specs import ARM, BALANCER, BARE, ENV_SPECS, ROTATED, RUNNER


def goals(env: EnvSpec, text: str) -> list[Ingredient]:
    aims = read_aims(text, env.directions)
    return list(goals_for(aims.main, env, aims))


def value(one: Ingredient, **fields: float | list[float]) -> float:
    """Weight times the term's expression, where the next state has these fields."""
    after = SimpleNamespace(**{name: np.asarray(field, np.float64) for name, field in fields.items()})
    return one.term.weight * float(eval(one.term.expression, {"jnp": np, "next_state": after, "params": one.params}))


def named(ingredients: list[Ingredient], name: str) -> Ingredient:
    return next(one for one in ingredients if one.term.name == name)


@pytest.mark.parametrize("aim", MAIN_AIMS)
@pytest.mark.parametrize("env", ENV_SPECS.values(), ids=ENV_SPECS)
def test_goals_serve_the_aim_that_was_asked_for(env: EnvSpec, aim: str) -> None:
    for one in goals_for(aim, env, read_aims("Do it.", env.directions)):
        assert (one.kind, one.aim) == ("goal", aim)
        assert one.term.weight != 0.0


def test_to_travel_is_paid_by_speed_plain_rising_gated_and_bounded() -> None:
    found = goals(RUNNER, "Run forward.")
    still, fast = {"torso_pitch": 0.0, "torso_velocity": [2.0, 9.0, 9.0]}, {"torso_velocity": [2.0, 9.0, 9.0]}
    assert found[0].term.name == "speed_forward" and value(found[0], **fast) == 2.0
    rising = 2.0 + 2.0**2 / 1.5  # bursts count from half of the 3 m/s that were seen
    assert value(named(found, "rising_speed_forward"), **fast) == pytest.approx(rising)
    assert value(named(found, "upright_rising_speed_forward"), **still) == pytest.approx(rising)
    leaning = still | {"torso_pitch": 1.2}  # the width of the gate
    assert value(named(found, "upright_speed_forward"), **leaning) == pytest.approx(2.0 * np.exp(-1.0))
    assert value(named(found, "bounded_speed_forward"), **fast) == pytest.approx(3.0 * np.tanh(2.0 / 6.0))


def test_a_stated_speed_is_best_held() -> None:
    first = goals(RUNNER, "Walk forward at 1.5 m/s.")[0]
    assert first.params == {"wanted_speed": 1.5, "speed_width": pytest.approx(0.45)}
    assert value(first, torso_velocity=[1.5, 0.0, 0.0]) == 1.0
    assert value(first, torso_velocity=[1.05, 0.0, 0.0]) == pytest.approx(np.exp(-1.0))


def test_axes_are_read_from_the_declaration() -> None:
    first = goals(ROTATED, "Go forward.")[0]  # forward is -y, the first component
    assert value(first, hull_drift=[-2.0, 5.0]) == 2.0


def test_to_reach_is_paid_by_nearness_and_led_by_the_gap() -> None:
    near, far = goals(ARM, "Reach the goal with the hand.")[:2]
    places = {"hand_position": [0.0, 0.3, 0.0], "goal_position": [0.4, 0.0, 0.0]}  # 0.5 m apart
    assert value(near, **places) == pytest.approx(np.exp(-0.5 / 0.2))
    assert value(far, **places) == pytest.approx(-0.5)
    assert near.potential.startswith("-jnp.sqrt") and "next_state" not in near.potential


def test_height_and_posture_and_stillness() -> None:
    assert value(goals(RUNNER, "Jump high.")[0], torso_position=[9.0, 9.0, 1.0]) == pytest.approx(1.0 / 2.0)
    balance = goals(BALANCER, "Keep the pole upright.")
    assert value(balance[0], pole_angle=0.1) == pytest.approx(np.exp(-1.0))
    assert value(named(balance, "lean_pole_angle"), pole_angle=0.1) == pytest.approx(-(0.1**2) / 0.2**2)
    assert value(goals(RUNNER, "Hold still.")[0], torso_velocity=[0.9, 0.0, 0.0]) == pytest.approx(np.exp(-1.0))


def test_a_goal_is_worth_its_weight_and_a_speed_what_was_seen() -> None:
    for text, worth in (("Run forward.", 3.0), ("Walk forward at 2 m/s.", 1.0), ("Jump high.", 0.5)):
        aims = read_aims(text, RUNNER.directions)
        assert goal_scale(next(goals_for(aims.main, RUNNER, aims)), RUNNER, aims) == worth, text


def test_words_that_say_nothing_leave_each_field_both_ways() -> None:
    names = [one.term.name for one in plain_goals(BALANCER, read_aims("Qwertz!", BALANCER.directions))]
    assert {"more_pole_rate", "less_pole_rate"} <= set(names) and names[-1] == "rest"
    assert names.index("alive") < names.index("more_pole_rate")
    bare = [one.term.name for one in plain_goals(BARE, read_aims("Qwertz!", {}))]
    assert bare[-1] == "rest" and not any("last_action" in name for name in bare)
