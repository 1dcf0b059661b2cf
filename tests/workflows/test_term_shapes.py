"""The shape of each term over what it reads, from its compiled program, against formulas worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.reward.sandbox.sandbox import Sandbox, flat_transitions
from autoreward.workflows.term_shapes import SQUARE_STATES, STATES, Recorded, term_shapes
from tests.reward.robot import FORWARD, ROBOT, transitions

TERMS = """
WEIGHTS = {"forward": 2.0, "effort": -0.1, "gate": 1.0, "alive": 3.0, "same": 1.0, "climb": 0.0}
PARAMS = {"scale": 2.0}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_velocity[..., 0] / params["scale"],
        "effort": jnp.sum(jnp.square(action), axis=-1),
        "gate": next_state.torso_velocity[..., 1] * jnp.exp(-jnp.square(next_state.torso_height)),
        "alive": 1.0 - next_state.terminated,
        "same": 0.0 * next_state.torso_height + 1.0,
        "climb": next_state.torso_height - state.torso_height,
    }
"""


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return Recorded(flat_transitions(transitions(512)), flat_transitions(transitions(STATES, seed=1)))


@pytest.fixture(scope="module")
def shapes(sandbox: Sandbox, recorded: Recorded):  # type: ignore[no-untyped-def]
    reward = sandbox.trace_reward(TERMS, ROBOT).compiled
    assert reward is not None
    return {shape.name: shape for shape in term_shapes(reward, ROBOT, recorded, sandbox)}


def test_a_term_of_one_entry(shapes, recorded: Recorded) -> None:  # type: ignore[no-untyped-def]
    forward = shapes["forward"]
    (axis,) = forward.axes
    assert (axis.label, axis.unit, axis.meaning) == ("torso_velocity[0]", "m/s", "velocity")
    held = recorded.held["next_state.torso_velocity"][:, 0]
    # Almost all of what was seen, and all of the states that the rest is held at.
    assert -2.0 <= axis.grid[0] <= held.min() and held.max() <= axis.grid[-1] <= 2.0
    np.testing.assert_array_equal(axis.recorded, held)
    np.testing.assert_allclose(forward.middle, 2.0 * axis.grid / 2.0, rtol=1e-5)  # weight 2, value x / 2
    np.testing.assert_allclose(forward.low, forward.high, rtol=1e-5)  # nothing else moves it
    assert forward.square is None


def test_a_term_of_two_entries_has_a_spread_and_a_square(shapes, recorded: Recorded) -> None:  # type: ignore[no-untyped-def]
    gate = shapes["gate"]
    assert [axis.label for axis in gate.axes] == ["torso_velocity[1]", "torso_height"]  # the velocity moves it more
    x, y = (np.linspace(axis.grid[0], axis.grid[-1], 33) for axis in gate.axes)
    np.testing.assert_allclose(gate.square, np.exp(-np.square(y))[:, None] * x[None, :], rtol=1e-4, atol=1e-6)
    factors = np.exp(-np.square(recorded.held["next_state.torso_height"]))
    np.testing.assert_allclose(gate.high[-1], gate.axes[0].grid[-1] * np.percentile(factors, 90), rtol=1e-4)
    np.testing.assert_allclose(gate.middle[-1], gate.axes[0].grid[-1] * np.median(factors), rtol=1e-4)


def test_other_entries_are_held_at_recorded_states(shapes, recorded: Recorded) -> None:  # type: ignore[no-untyped-def]
    effort = shapes["effort"]
    assert len(effort.axes) == 6 and {axis.unit for axis in effort.axes} == {"1"}
    first, second = (int(axis.label[-2]) for axis in effort.axes[:2])
    few = recorded.held["action"][:: STATES // SQUARE_STATES][:SQUARE_STATES]
    others = np.square(np.delete(few, [first, second], axis=1)).sum(axis=1).mean()
    corner = effort.axes[0].grid[0] ** 2 + effort.axes[1].grid[0] ** 2
    assert effort.square[0, 0] == pytest.approx(-0.1 * (corner + others), rel=1e-4)


def test_flags_constants_and_terms_without_weight(shapes) -> None:  # type: ignore[no-untyped-def]
    (flag,) = shapes["alive"].axes
    assert flag.flag and (flag.grid[0], flag.grid[-1]) == (0.0, 1.0)
    assert (shapes["alive"].middle[0], shapes["alive"].middle[-1]) == (3.0, 0.0)
    assert shapes["same"].axes == ()
    climb = shapes["climb"]
    assert {axis.label for axis in climb.axes} == {"torso_height", "torso_height before the step"}
    assert climb.quantity == "value (its weight is 0)" and np.ptp(climb.middle) > 0.1


def test_the_potential_is_drawn_as_well(sandbox: Sandbox, recorded: Recorded) -> None:
    reward = sandbox.trace_reward(FORWARD, ROBOT).compiled
    assert reward is not None
    potential = term_shapes(reward, ROBOT, recorded, sandbox)[-1]
    assert (potential.name, potential.weight, potential.place) == ("potential", None, 2)
    assert {axis.label for axis in potential.axes} == {"goal_offset[0]", "goal_offset[1]"}
    x, y = (axis.grid[0] for axis in potential.axes)
    assert potential.square is not None
    assert potential.square[0, 0] == pytest.approx(-np.hypot(x, y), rel=1e-4)
