"""How many copies of somebody else's environment a population steps, where one takes long to make."""

from __future__ import annotations

import pytest

from autoreward.environment.foreign.reference import PinnedInfo, read_reference
from autoreward.environment.pack import Pack, load_pack
from autoreward.records import PPOSettings
from autoreward.trainer.fewer_copies import settings_that_fit, with_fewer_copies


def pack_with(most: int | None) -> Pack:
    reference = read_reference("CartPole-v1")
    assert reference is not None
    info = PinnedInfo(shown={}, hidden={}, most_copies=most)
    return load_pack(reference.model_copy(update={"info": info}).text)


def test_rollouts_stay_as_large() -> None:
    settings = PPOSettings(num_envs=16, num_steps=128)
    assert with_fewer_copies(settings, 2, 32) == settings
    fewer = with_fewer_copies(settings, 3, 16)  # 3 x 4 copies
    assert (fewer.num_envs, fewer.num_steps) == (4, 512)
    one = with_fewer_copies(settings, 40, 16)  # one a policy there must be
    assert (one.num_envs, one.num_steps) == (1, 2048)


@pytest.mark.parametrize(
    ("most", "asked", "taken"),
    [(None, 16, 16), (8, 16, 4), (8, 12, 12)],  # 12 is a number of a person's own
)
def test_only_where_a_copy_takes_long_and_nobody_said_how_many(most: int | None, asked: int, taken: int) -> None:
    assert settings_that_fit(PPOSettings(num_envs=asked), pack_with(most), 2).num_envs == taken
