"""Groups of members that are updated side by side are updated as if they were one."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.environment.declarations import ActionRange
from autoreward.records import PPOSettings
from autoreward.trainer.population import ppo
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.seeding import draw_shuffles

SETTINGS = PPOSettings(num_envs=4, num_steps=8, num_minibatches=2, hidden=(8,))


@pytest.fixture(scope="module")
def programs() -> PopulationPrograms:
    return PopulationPrograms(3, ActionRange(np.full(2, -1.0), np.full(2, 1.0)), SETTINGS, 0.99)


@pytest.mark.parametrize(("members", "together"), [(8, 2), (6, 3), (3, 3)])
def test_members_are_updated_in_groups_that_their_number_alone_decides(
    programs: PopulationPrograms, members: int, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    update_together = programs.update_together

    def count(member: ppo.Member, rollout: ppo.MemberRollout, order: Any, rate: Any) -> ppo.Member:
        sizes.append(len(order))
        updated: ppo.Member = update_together(member, rollout, order, rate)
        return updated

    monkeypatch.setattr(programs, "update_together", count)
    seeds = list(range(members))
    order = draw_shuffles(1, seeds, 0, SETTINGS.update_epochs, 32)
    before, rollout = programs.initialise(0, seeds), of_chance(members)
    grouped = programs.update(before, rollout, order, np.float32(1e-3))
    on_a_device = programs.update(before, ppo.MemberRollout(*map(jnp.asarray, rollout)), order, np.float32(1e-3))
    assert sizes == [together] * (members // together) + [members]
    for one, other, start in zip(*map(jax.tree.leaves, (grouped, on_a_device, before)), strict=True):
        assert isinstance(one, jax.Array) and one.shape == np.shape(start)
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    assert not np.array_equal(grouped.parameters.actor[0][0], before.parameters.actor[0][0])


def of_chance(members: int) -> ppo.MemberRollout:
    rng = np.random.default_rng(0)
    shape = (SETTINGS.num_steps, members, SETTINGS.num_envs)

    def drawn(*more: int) -> np.ndarray:
        return rng.standard_normal((*shape, *more)).astype(np.float32)

    none = np.zeros(shape, np.float32)
    return ppo.MemberRollout(drawn(3), drawn(3), drawn(2), drawn(2), drawn(), none, none)
