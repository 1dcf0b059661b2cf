"""Advantages by hand; and that a term which is the progress is aligned with it, its opposite is not."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from autoreward.environment.declarations import ActionRange
from autoreward.records import PPOSettings
from autoreward.trainer.combination.policy_gradients import Seen, advantages, alignments
from autoreward.trainer.population import ppo
from autoreward.trainer.population.heads import make_head

GAMMA = 0.5


def test_by_hand() -> None:
    """Two environments; the first one ends with its second step.

    Sums to come: 1 + 0.5 * 2 = 2, 2, 4 and 1 + 0.5 * (1 + 0.5 * 1) = 1.75, 1.5, 1; less the means 1.875, 1.75, 2.5.
    """
    paid = np.float32([[1.0, 1.0], [2.0, 1.0], [4.0, 1.0]])[..., None]
    over = np.float32([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    found = np.asarray(advantages(paid, over, GAMMA))[..., 0]
    np.testing.assert_allclose(found, [[0.125, -0.125], [0.25, -0.25], [1.5, -1.5]])


def test_what_helps_has_the_sign_of_help_and_noise_next_to_none() -> None:
    """One step episodes: progress is the action. Terms: the action, its opposite, its square, and chance."""
    head, settings = make_head(ActionRange(np.float32([-1.0]), np.float32([1.0]))), PPOSettings(hidden=(8,))
    made = ppo.initial_member(np.random.default_rng(0), 2, 1, settings)
    moments = jax.tree.map(lambda leaf: np.ones_like(leaf), made.optimiser)
    members = jax.tree.map(lambda leaf: np.asarray(leaf)[None], made._replace(optimiser=moments))
    rng = np.random.default_rng(1)

    def seen(terms: bool) -> Seen:
        observation = rng.standard_normal((16, 1, 256, 2)).astype(np.float32)
        action = (np.exp(-1.0) * rng.standard_normal((16, 1, 256, 1))).astype(np.float32)
        chance = rng.standard_normal(action.shape).astype(np.float32)
        columns = [action, -action, np.square(action), chance] if terms else [action]
        paid = np.concatenate(columns, axis=-1)
        return Seen(members, jnp.asarray(observation), jnp.asarray(action), paid, np.ones((16, 1, 256), np.float32))

    helps, harms, neither, noise = np.asarray(alignments(seen(True), seen(False), head, GAMMA))[0]
    assert helps > 0.0
    np.testing.assert_allclose(harms, -helps, rtol=1e-4)
    assert max(abs(neither), abs(noise)) < 0.3 * helps
