"""What stands beside a goal: its expression, and its weight as a share of the goal's scale, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from autoreward.designer.compose.complements import (
    alive,
    costs_for,
    guides_for,
    lean_reach,
    posture_guides,
    upright_gate,
)
from autoreward.designer.compose.ingredients import Ingredient
from autoreward.designer.compose.words import Aims, read_aims
from autoreward.records import EnvSpec, FieldSpec
from tests.designer.env_specs import ARM, BALANCER, BARE, RUNNER, XYZ, env_spec

SCALE = 2.0
FORWARD = "Run forward."
HOPPER = env_spec(
    (
        FieldSpec(name="torso_up", shape=(3,), frame="world", components=XYZ, meaning="up vector", low=-1, high=1),
        FieldSpec(name="foot_contact", shape=(2,), meaning="1 where a foot touches", low=0.0, high=1.0),
    ),
    {"up": (0.0, 0.0, 1.0)},
)


def aims_in(env: EnvSpec, text: str) -> Aims:
    return read_aims(text, env.directions)


def by_name(ingredients: Iterable[Ingredient]) -> dict[str, Ingredient]:
    return {one.term.name: one for one in ingredients}


def guides(env: EnvSpec, text: str) -> dict[str, Ingredient]:
    return by_name(guides_for(env, aims_in(env, text), SCALE))


def costs(env: EnvSpec, text: str) -> dict[str, Ingredient]:
    return by_name(costs_for(env, aims_in(env, text), SCALE))


@pytest.mark.parametrize(("env", "text", "weight"), [(RUNNER, FORWARD, 0.1), (BALANCER, "Keep the pole upright.", 0.6)])
def test_posture_weighs_little_where_the_task_is_to_get_somewhere(env: EnvSpec, text: str, weight: float) -> None:
    first = posture_guides(env, aims_in(env, text), SCALE)[0]
    assert first.term.weight == pytest.approx(weight)


def test_an_angle_gives_a_bell_as_wide_as_half_its_reach() -> None:
    upright = guides(BALANCER, "Keep the pole upright.")["upright_pole_angle"]
    assert upright.term.expression == 'jnp.exp(-jnp.square(next_state.pole_angle / params["pole_angle_width"]))'
    assert upright.params == {"pole_angle_width": pytest.approx(0.1)}  # it leans 0.2 rad at most
    assert upright.potential == '-jnp.abs(state.pole_angle) / params["pole_angle_width"]'


def test_a_lean_ends_at_a_right_angle() -> None:
    pitch = RUNNER.field("torso_pitch")
    assert pitch is not None and lean_reach(pitch) == 1.6  # it turns by 2 rad


def test_the_gate_is_an_angle_else_an_up_vector_else_none() -> None:
    gate = upright_gate(RUNNER, aims_in(RUNNER, FORWARD))
    assert gate is not None
    assert gate[0] == 'jnp.exp(-jnp.square(next_state.torso_pitch / params["gate_width"]))'
    assert gate[1] == {"gate_width": pytest.approx(1.2)}
    assert upright_gate(HOPPER, aims_in(HOPPER, FORWARD)) == ("jnp.maximum(next_state.torso_up[..., 2], 0.0)", {})
    assert upright_gate(ARM, aims_in(ARM, FORWARD)) is None


def test_staying_alive_is_paid_only_where_episodes_can_end_early() -> None:
    assert list(alive(RUNNER, SCALE)) == []  # "never"
    (bonus,) = alive(BALANCER, SCALE)
    assert (bonus.term.expression, bonus.term.weight) == ("1.0 - next_state.terminated", pytest.approx(0.6))


def test_feet_in_the_air_are_paid_where_the_text_asks_for_leaps() -> None:
    airborne = guides(HOPPER, "Hop forward.")["airborne"]
    assert airborne.term.expression == "1.0 - jnp.mean(next_state.foot_contact, axis=-1)"
    assert "airborne" not in guides(HOPPER, "Walk forward.")
    assert "airborne" not in guides(RUNNER, "Hop forward.")  # nothing there tells a contact


def test_effort_costs_a_share_at_the_bounds_of_the_actions() -> None:
    calm, thrifty = costs(BALANCER, "Keep the pole upright."), costs(BALANCER, "Keep it upright without effort.")
    assert calm["effort"].term.weight == pytest.approx(-0.02 * SCALE / 9)  # actions in [-3, 3]
    assert thrifty["effort"].term.weight == pytest.approx(-0.05 * SCALE / 9)
    assert calm["action_change"].term.weight == pytest.approx(-0.02 * SCALE / 18)


def test_unrest_of_the_body_costs_a_share_at_its_reach() -> None:
    found = costs(RUNNER, FORWARD)
    assert found["wobble_torso_pitch_rate"].term.weight == pytest.approx(-0.05 * SCALE / 64)  # 8 rad/s
    bobbing = found["bobbing_torso_velocity"].term
    assert bobbing.expression == "jnp.square(next_state.torso_velocity[..., 2])"
    assert bobbing.weight == pytest.approx(-0.05 * SCALE / 9)  # 3 m/s
    assert found["haste_joints"].term.weight == pytest.approx(-0.02 * SCALE / 400)  # 20 rad/s
    assert "bobbing_torso_velocity" not in costs(RUNNER, "Jump as high as you can.")


def test_leaving_the_middle_costs_where_the_task_is_to_stay() -> None:
    found = costs(BALANCER, "Keep the pole upright.")
    assert found["off_middle_cart_position"].term.weight == pytest.approx(-0.05 * SCALE)  # 1 m
    assert found["moving_cart_velocity"].term.weight == pytest.approx(-0.02 * SCALE / 4)  # 2 m/s
    assert not any(name.startswith(("off_middle", "moving")) for name in costs(BALANCER, "Move the cart."))


def test_without_fields_only_actions_can_cost() -> None:
    assert guides(BARE, FORWARD) == {}
    assert set(costs(BARE, FORWARD)) == {"effort", "action_change"}
