"""Sums and trajectories of episodes that rollouts cut anywhere, against a plain loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autoreward.reward.program import MetricProgram
from autoreward.trainer.population.episodes import (
    EpisodeSums,
    ProgressGains,
    TrajectoryHistory,
    find_ended,
    find_payments,
)

ENVS, STEPS, ROLLOUTS, HORIZON = 3, 4, 5, 6


def recorded(ends: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Where episodes end `[ROLLOUTS * STEPS, ENVS]` (at the latest at the horizon), and elapsed steps."""
    wanted = np.asarray(ends).reshape(ROLLOUTS * STEPS, ENVS)
    ended, elapsed = np.zeros_like(wanted), np.zeros(wanted.shape, int)
    running = np.zeros(ENVS, int)
    for t in range(len(wanted)):
        elapsed[t] = running
        ended[t] = wanted[t] | (running + 1 >= HORIZON)
        running = np.where(ended[t], 0, running + 1)
    return ended, elapsed


def by_loop(values: np.ndarray, ended: np.ndarray) -> list[list[float]]:
    """The sum of every finished episode, by environment."""
    found: list[list[float]] = [[] for _ in range(ENVS)]
    running = np.zeros(ENVS)
    for t in range(len(values)):
        running += values[t]
        for env in np.flatnonzero(ended[t]):
            found[env].append(running[env])
            running[env] = 0.0
    return found


ENDS = st.lists(st.booleans(), min_size=ROLLOUTS * STEPS * ENVS, max_size=ROLLOUTS * STEPS * ENVS)


@settings(deadline=None)
@given(ENDS)
def test_sums_over_cut_episodes(ends: list[bool]) -> None:
    ended, elapsed = recorded(ends)
    values = np.random.default_rng(0).normal(size=ended.shape)
    sums = EpisodeSums(ENVS, 1)
    found: list[list[float]] = [[] for _ in range(ENVS)]
    for start in range(0, ROLLOUTS * STEPS, STEPS):
        part = slice(start, start + STEPS)
        over = find_ended(ended[part], elapsed[part])
        for env, value in zip(over.env, sums.add(values[part, :, None], over)[:, 0], strict=True):
            found[env].append(value)
    for mine, expected in zip(found, by_loop(values, ended), strict=True):
        np.testing.assert_allclose(mine, expected, atol=1e-12)


class SumMetric(MetricProgram):
    """Success: the sum of `x` over the episode; progress: its length."""

    inputs = ("x", "valid")

    def __init__(self) -> None:
        """Nothing is loaded."""

    def __call__(self, arrays: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        return (arrays["x"] * arrays["valid"]).sum(axis=0), arrays["valid"].sum(axis=0)


@settings(deadline=None)
@given(ENDS)
def test_metric_sees_whole_episodes_and_nothing_else(ends: list[bool]) -> None:
    ended, elapsed = recorded(ends)
    values = np.random.default_rng(0).normal(size=ended.shape).astype(np.float32)
    history = TrajectoryHistory(SumMetric(), HORIZON)  # type: ignore[arg-type]
    found: list[list[float]] = [[] for _ in range(ENVS)]
    for start in range(0, ROLLOUTS * STEPS, STEPS):
        part = slice(start, start + STEPS)
        over = find_ended(ended[part], elapsed[part])
        history.push({"x": values[part]})
        success, length = history.measure(over)
        np.testing.assert_array_equal(length, over.length)
        for env, value in zip(over.env, success, strict=True):
            found[env].append(float(value))
    for mine, expected in zip(found, by_loop(values, ended), strict=True):
        np.testing.assert_allclose(mine, expected, atol=1e-5)


def test_progress_is_paid_by_hand() -> None:
    """Two environments, rollouts of 15 steps: the first one's episode ends after 12 steps, the second one's goes on."""
    gains = ProgressGains(2)
    elapsed = np.stack([[*range(12), 0, 1, 2], range(15)], axis=1)
    ended = np.zeros((15, 2), bool)
    ended[11, 0] = True
    payments = find_ended(find_payments(ended, elapsed), elapsed)
    assert (payments.env.tolist(), payments.t.tolist()) == ([0, 0, 1], [9, 11, 9])
    paid = gains.add(payments, np.array([0.5, 0.4, 0.2], np.float32))
    np.testing.assert_allclose(paid, [0.5, -0.1, 0.2], rtol=1e-6)
    elapsed = np.stack([range(3, 18), range(15, 30)], axis=1)
    payments = find_ended(find_payments(np.zeros((15, 2), bool), elapsed), elapsed)
    assert (payments.env.tolist(), payments.length.tolist()) == ([0, 1, 1], [10, 20, 30])
    paid = gains.add(payments, np.array([0.3, 0.6, 0.6], np.float32))
    np.testing.assert_allclose(paid, [0.3, 0.4, 0.0], atol=1e-6)  # the first one's second episode starts from 0


@settings(deadline=None)
@given(ENDS)
def test_what_is_paid_over_an_episode_sums_up_to_its_progress(ends: list[bool]) -> None:
    ended, elapsed = recorded(ends)
    progress = np.random.default_rng(1).normal(size=ended.shape).astype(np.float32)  # of the episode so far
    gains, sums = ProgressGains(ENVS), EpisodeSums(ENVS, 1)
    for start in range(0, ROLLOUTS * STEPS, STEPS):
        part = slice(start, start + STEPS)
        over = find_ended(ended[part], elapsed[part])
        payments = find_ended(find_payments(ended[part], elapsed[part]), elapsed[part])
        paid = np.zeros((STEPS, ENVS, 1))
        paid[payments.t, payments.env, 0] = gains.add(payments, progress[part][payments.t, payments.env])
        np.testing.assert_allclose(sums.add(paid, over)[:, 0], progress[part][over.t, over.env], atol=1e-5)
