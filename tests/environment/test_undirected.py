"""Episodes that nobody designed: what each way of making them promises."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.undirected import COUNTS, UndirectedEpisodes, undirected_episodes


@pytest.fixture(scope="module")
def episodes() -> UndirectedEpisodes:
    return undirected_episodes(load_pack("inverted_pendulum"))


def test_whole_episodes_in_every_way(episodes: UndirectedEpisodes) -> None:
    pack = load_pack("inverted_pendulum")
    count = sum(COUNTS.values())
    assert episodes.valid.shape == (pack.horizon, count)
    assert all(array.shape[:2] == (pack.horizon, count) for array in episodes.fields.values())
    assert all(np.isfinite(array).all() for array in episodes.fields.values())
    assert {way: int(episodes.of(way).sum()) for way in COUNTS} == dict(COUNTS)


def test_an_episode_is_valid_up_to_the_step_that_ends_it(episodes: UndirectedEpisodes) -> None:
    assert (episodes.valid[0] == 1.0).all()
    assert (np.diff(episodes.valid, axis=0) <= 0.0).all()  # once over, it stays over
    lengths = episodes.valid.sum(axis=0).astype(int)
    ended = episodes.fields["terminated"][lengths - 1, np.arange(len(lengths))]
    assert ended[lengths < len(episodes.valid)].all()


def test_motionless_robots_rest_and_held_ones_keep_their_action(episodes: UndirectedEpisodes) -> None:
    first = slice(0, int(episodes.valid.sum(axis=0).max()))
    action = episodes.fields["action"][first]
    assert (action[:, episodes.of("motionless")] == 0.0).all()
    held = action[:, episodes.of("held")]
    assert (held == held[0]).all()
    assert len(np.unique(held[0])) == COUNTS["held"]
    assert len(np.unique(action[:, episodes.of("random")])) > COUNTS["random"]


def test_thrown_robots_start_faster_than_others(episodes: UndirectedEpisodes) -> None:
    speed = np.abs(episodes.fields["cart_velocity"][0])
    assert speed[episodes.of("thrown")].max() > 2 * speed[episodes.of("motionless")].max()


@pytest.mark.thorough
def test_carried_robots_get_far_in_both_directions() -> None:
    """A cheetah that moves by chance stays near the start: what orders running is told by those that are carried."""
    made = undirected_episodes(load_pack("half_cheetah"))
    distance = made.fields["torso_position"][-1, :, 0]
    by_chance = np.abs(distance[made.of("random")]).max()
    carried = distance[made.of("carried")]
    assert carried.max() > 2 * by_chance and carried.min() < -2 * by_chance


def test_the_same_episodes_at_each_call(episodes: UndirectedEpisodes) -> None:
    again = undirected_episodes(load_pack("inverted_pendulum"))
    assert (again.valid == episodes.valid).all()
    assert all((again.fields[name] == array).all() for name, array in episodes.fields.items())
