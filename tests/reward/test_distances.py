"""STARC distance and rank agreement, on numbers that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoreward.reward.distances import (
    canonical,
    rank_agreement,
    shaping_basis,
    starc_distances,
    state_features,
    trivial_rewards,
)

GAMMA = 0.9
N = 1200
Arrays = dict[str, np.ndarray]


def transitions(seed: int = 0) -> tuple[Arrays, np.ndarray, Arrays, np.ndarray]:
    """A point that is pushed about; it ends beyond 2."""
    rng = np.random.default_rng(seed)
    x, v, action = rng.normal(size=(3, N))
    next_v = v + 0.5 * action
    next_x = x + 0.2 * next_v
    terminated = (np.abs(next_x) > 2.0).astype(np.float64)
    state = {"x": x, "velocity": np.stack([v, 0.0 * v], axis=1)}
    next_state = {"x": next_x, "velocity": np.stack([next_v, 0.0 * v], axis=1), "terminated": terminated}
    return state, action, next_state, terminated


STATE, ACTION, NEXT_STATE, TERMINATED = transitions()
BASIS = shaping_basis(*state_features(STATE, NEXT_STATE), GAMMA, TERMINATED)
BASE = NEXT_STATE["x"] ** 2 - 0.3 * ACTION**2
OTHER = np.sin(3.0 * ACTION)


def shaping(phi: Callable[[Arrays], np.ndarray]) -> np.ndarray:
    return GAMMA * phi(NEXT_STATE) * (1.0 - TERMINATED) - phi(STATE)


def distances(rewards: np.ndarray, basis: np.ndarray = BASIS) -> np.ndarray:
    left = canonical(rewards, basis)
    return starc_distances(left, trivial_rewards(rewards, left))


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(distances(np.stack([a, b]))[0, 1])


@settings(deadline=None, max_examples=20)
@given(scale=st.floats(0.01, 100.0), shift=st.floats(-100.0, 100.0), potential=st.floats(-100.0, 100.0))
def test_scaling_shift_and_shaping_are_no_distance(scale: float, shift: float, potential: float) -> None:
    changed = scale * BASE + shift + shaping(lambda s: potential * (s["x"] ** 2 - s["velocity"][:, 0] + 1.0))
    assert distance(BASE, changed) < 1e-6
    assert distance(OTHER, scale * OTHER + shift) < 1e-6


@settings(deadline=None, max_examples=20)
@given(scale=st.floats(0.01, 100.0), shift=st.floats(-100.0, 100.0))
def test_the_opposite_is_at_distance_one(scale: float, shift: float) -> None:
    assert distance(BASE, shift - scale * BASE) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("phi", "limit"),
    [
        (lambda s: 3.0 * np.abs(s["x"] - 0.4), 0.05),
        (lambda s: np.exp(-np.square(s["x"] / 0.6)), 0.05),
        (lambda s: 2.0 * s["x"] * s["velocity"][:, 0], 0.1),
    ],
    ids=["kink", "bump", "product"],
)
def test_potentials_outside_the_span_leave_little(phi: Callable[[Arrays], np.ndarray], limit: float) -> None:
    assert distance(OTHER, OTHER + shaping(phi)) < limit
    assert distance(OTHER, shaping(phi)) > 0.4  # without the shaping's own features this is another reward


def test_distance_by_hand() -> None:
    """Nothing to project out but the constant: R1 = (1, -1, 0, 0), R2 = (0, 0, 1, -1), 90 degrees apart."""
    basis = np.ones((4, 1))
    rewards = np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0], [3.0, 1.0, 2.0, 2.0], [1.0, -1.0, 1.0, -1.0]])
    found = distances(rewards, basis)
    assert found[0, 1] == pytest.approx(np.sqrt(2.0) / 2.0)  # 1/2 |(1,-1,-1,1)| / sqrt(2)
    assert found[0, 2] == pytest.approx(0.0, abs=1e-12)  # R3 = R1 + 2
    assert found[0, 3] == pytest.approx(0.5 * np.sqrt(2.0 - np.sqrt(2.0)))  # cosine 1 / sqrt(2)
    np.testing.assert_allclose(found, found.T)
    np.testing.assert_array_equal(np.diag(found), 0.0)


def test_the_canonical_reward_by_hand() -> None:
    """Two transitions, psi = x: B = 0.5 x' - x = (-1, 1) beside the constant leaves nothing; alone, R + 2 B."""
    psi, psi_next = np.array([[2.0], [0.0]]), np.array([[2.0], [2.0]])
    basis = shaping_basis(psi, psi_next, 0.5, np.zeros(2))
    np.testing.assert_allclose(basis, [[-1.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(canonical(np.array([[5.0, 1.0]]), basis), 0.0, atol=1e-12)
    # w = <R, B> / <B, B> = (-5 + 1) / 2 = -2, R - w B = (5 - 2, 1 + 2)
    np.testing.assert_allclose(canonical(np.array([[5.0, 1.0]]), basis[:, :1]), [[3.0, 3.0]])
    ended = shaping_basis(psi, psi_next, 0.5, np.array([1.0, 0.0]))
    np.testing.assert_allclose(ended[:, 0], [-2.0, 1.0])  # Phi is zero where the episode terminated


def test_a_reward_of_nothing_but_shaping_is_half_way_from_all() -> None:
    nothing = shaping(lambda s: s["x"]) + 3.0
    rewards = np.stack([BASE, nothing, 1.0 - TERMINATED])
    np.testing.assert_array_equal(trivial_rewards(rewards, canonical(rewards, BASIS)), [False, True, True])
    found = distances(rewards)
    assert found[0, 1] == pytest.approx(0.5)
    assert found[1, 2] == 0.0


def test_features_are_fewer_than_the_samples_allow() -> None:
    few = {name: array[:80] for name, array in STATE.items()}
    psi, psi_next = state_features(few, {name: array[:80] for name, array in NEXT_STATE.items()})
    assert psi.shape == psi_next.shape == (80, 10)
    same = {"x": np.ones(80)}
    assert state_features(same, same)[0].shape == (80, 1)


def test_repeated_and_constant_fields_add_nothing() -> None:
    twice = {**STATE, "observation": np.stack([STATE["x"], -STATE["velocity"][:, 0]], axis=1)}
    later = {**NEXT_STATE, "observation": np.stack([NEXT_STATE["x"], -NEXT_STATE["velocity"][:, 0]], axis=1)}
    psi, _ = state_features(twice, later)
    assert len({round(float(column.std()), 9) for column in psi[:, 1:3].T}) == 1  # x and v, standardised
    assert np.linalg.matrix_rank(psi[:, 1:3]) == 2


def test_rank_agreement_by_hand() -> None:
    """Of six pairs of (1, 2, 3, 4) and (1, 3, 2, 4), five agree: (5 - 1) / 6."""
    found = rank_agreement(np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0], [4.0, 3.0, 2.0, 1.0], [7.0] * 4]))
    assert found[0, 1] == pytest.approx(4.0 / 6.0)
    assert found[0, 2] == pytest.approx(-1.0)
    assert np.isnan(found[0, 3])
    assert found[0, 0] == 1.0
