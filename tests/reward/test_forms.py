"""What each form pays, by hand, in numpy and in jax."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.records import Form
from autoreward.reward.forms import initial_memory, pay_step

NAMES = ("forward", "upright", "fall")
WEIGHTS = np.float32([2.0, 1.0, -4.0])
TERMS = np.float32([[3.0, 0.5, 1.0], [-1.0, 1.0, 0.25]])  # of two environments
TERMINATED = np.float32([0.0, 1.0])


def paid(form: Form, xp: Any, weights: np.ndarray = WEIGHTS, terms: np.ndarray = TERMS) -> list[float]:
    names = NAMES[: terms.shape[1]]
    memory = initial_memory(xp, len(terms), terms.shape[1])
    arrays = [xp.asarray(array) for array in (terms, weights, TERMINATED, TERMINATED)]
    reward, _ = pay_step(xp, form.data(), names, *arrays, memory)
    return [round(float(one), 5) for one in reward]


@pytest.mark.parametrize("xp", [np, jnp])
@pytest.mark.parametrize(
    ("form", "expected"),
    [
        # 2*3 + 0.5 - 4 = 2.5;  -2 + 1 - 1 = -2
        (Form(), [2.5, -2.0]),
        # (6 - 4) * 0.5 = 1;  (-2 - 1) * 1 = -3
        (Form(kind="gate", gates=("upright",)), [1.0, -3.0]),
        # 6 * 0.5 = 3, no cost while it goes on;  -2 * 1 - 4 * 0.25 = -3
        (Form(kind="product", penalties=("upright",), terminal=("fall",)), [3.0, -3.0]),
        # |6 * 0.5 * -4|^(1/3) = 12^(1/3) = 2.28943, negative as one is;  |-2 * 1 * -1|^(1/3) = 1.25992
        (Form(kind="root"), [-2.28943, -1.25992]),
        (Form(kind="min"), [-4.0, -2.0]),
        # 1 / (1 + exp(-(2.5 - 0.5))) = 0.8808;  1 / (1 + exp(2.5)) = 0.07586
        (Form(kind="centred", reference=0.5), [0.8808, 0.07586]),
        # sgn(6) + 0.1 * sgn(0.5 - 4) = 0.9;  sgn(-2) + 0.1 * sgn(1 - 1) = -1
        (Form(kind="sign", sparse=("forward",)), [0.9, -1.0]),
        (Form(clip=(-1.0, 2.0)), [2.0, -1.0]),
    ],
)
def test_by_hand(form: Form, expected: list[float], xp: Any) -> None:
    assert paid(form, xp) == pytest.approx(expected, abs=2e-5)


def test_a_root_is_positive_where_all_are() -> None:
    assert paid(Form(kind="root"), np, np.float32([2.0, 1.0, 4.0]), TERMS[:1].repeat(2, 0)) == [2.28943, 2.28943]


def test_the_weight_of_a_gate_is_its_exponent_and_what_is_beyond_one_is_cut() -> None:
    """(6 - 4) * 0.5 ^ 2 = 0.5;  a gate of 7 is 1."""
    form = Form(kind="gate", gates=("upright",))
    assert paid(form, np, np.float32([2.0, 2.0, -4.0]))[0] == 0.5
    assert paid(form, np, WEIGHTS, np.float32([[3.0, 7.0, 1.0]] * 2))[0] == 2.0
    assert paid(form, np, np.float32([2.0, 0.0, -4.0]), np.float32([[3.0, 0.0, 1.0]] * 2))[0] == 2.0  # 0 ^ 0 = 1


def _episode(form: Form, xp: Any, terms: list[list[float]], ended: list[float]) -> list[float]:
    memory, given = initial_memory(xp, 1, 2), []
    for row, over in zip(terms, ended, strict=True):
        arrays = [xp.asarray(np.float32(one)) for one in ([row], [1.0, 1.0], [0.0], [over])]
        reward, memory = pay_step(xp, form.data(), ("reached", "style"), *arrays, memory)
        given.append(round(float(reward[0]), 5))
    return given


@pytest.mark.parametrize("xp", [np, jnp])
def test_accumulated_pays_the_rest_at_the_end_of_an_episode_whose_outcome_suffices(xp: Any) -> None:
    """Outcome 0 + 1 = 1 >= 1: the style 0.5 + 0.25 comes with the last step. In the second one 0.5 < 1: it is lost."""
    form = Form(kind="accumulated", outcome=("reached",), threshold=1.0)
    steps = [[0.0, 0.5], [1.0, 0.25], [0.5, 0.5], [0.0, 0.5]]
    assert _episode(form, xp, steps, [0.0, 1.0, 0.0, 1.0]) == [0.0, 1.75, 0.5, 0.0]


@pytest.mark.parametrize("xp", [np, jnp])
def test_delta_pays_what_a_term_has_changed_by_since_the_step_before(xp: Any) -> None:
    """reached 1, 3, 2 changes by 0 (first step), 2, -1; the next episode begins with 0 again."""
    form = Form(delta=("reached",))
    steps = [[1.0, 0.5], [3.0, 0.5], [2.0, 0.5], [9.0, 0.5]]
    assert _episode(form, xp, steps, [0.0, 0.0, 1.0, 0.0]) == [0.5, 2.5, -0.5, 0.5]
