"""Episodes across the cuts of rollouts, and the ring that forgets the oldest."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.trainer.combination.combination import Experience
from autoreward.trainer.combination.stored_episodes import SEEN_ENVS, Episodes, StoredEpisodes


def experience(terms: np.ndarray, ends: list[tuple[int, int, float]]) -> Experience:
    over = np.zeros(terms.shape[:2], bool)
    t, env = (np.array([one[place] for one in ends], int) for place in (0, 1))
    outcome = np.array([one[2] for one in ends], np.float32)
    return Experience(terms, np.zeros_like(over, np.float32), over, t, env, outcome, outcome, 1)


def test_an_episode_is_put_together_over_rollouts() -> None:
    """Two members with one environment each; terms count their steps. Member 0 ends after steps 1 and 4."""
    episodes = Episodes(members=2, terms=1)
    rows = np.arange(6, dtype=np.float32)[:, None, None].repeat(2, axis=1)
    episodes.add(experience(rows[:3], [(1, 0, 7.0)]))
    episodes.add(experience(rows[3:], [(1, 0, 9.0), (2, 1, np.nan)]))
    first, second = episodes.of_member
    assert [one.length for one in first.episodes] == [2, 3]
    assert first.steps(np.array([1]), np.array([[0, 1, 2]]))[0, :, 0].tolist() == [2.0, 3.0, 4.0]
    assert first.outcomes.tolist() == [7.0, 9.0]
    assert first.means[:, 0].tolist() == [0.5, 3.0]
    assert first.stored == 5
    assert second.stored == 0  # it was not measured


def test_after_a_reset_an_unfinished_episode_is_forgotten() -> None:
    episodes = Episodes(members=1, terms=1)
    rows = np.ones((3, 1, 1), np.float32)
    episodes.add(experience(rows, []))
    episodes.reset()
    episodes.add(experience(rows, [(0, 0, 1.0)]))
    assert [one.length for one in episodes.of_member[0].episodes] == [1]


def test_of_many_environments_the_first_of_each_member_are_kept() -> None:
    each = SEEN_ENVS + 4
    terms = np.ones((1, 2 * each, 1), np.float32)
    episodes = Episodes(members=2, terms=1)
    episodes.add(experience(terms, [(0, env, 1.0) for env in range(2 * each)]))
    assert [len(one.episodes) for one in episodes.of_member] == [SEEN_ENVS, SEEN_ENVS]


def test_the_oldest_are_forgotten_and_no_step_is_mixed() -> None:
    stored = StoredEpisodes(terms=1, capacity=10)
    for number in range(9):
        stored.add(np.full((4, 1), float(number), np.float32), float(number), 0.0)
        assert sum(stored.lengths) <= 10
        for place, one in enumerate(stored.episodes):
            values = stored.steps(np.array([place]), np.arange(one.length)[None])
            assert (values == one.success).all()
    assert stored.episodes[-1].success == 8.0
    assert stored.stored == 36


def test_the_finer_of_success_and_progress_is_the_outcome() -> None:
    stored = StoredEpisodes(terms=1)
    for success, progress in ((0.0, 0.1), (0.0, 0.4), (1.0, 1.0)):
        stored.add(np.ones((1, 1), np.float32), success, progress)
    assert stored.outcomes.tolist() == pytest.approx([0.1, 0.4, 1.0])


def test_a_constant_term_has_no_scale() -> None:
    stored = StoredEpisodes(terms=2)
    stored.add(np.float32([[1.0, 3.0], [2.0, 3.0], [3.0, 3.0]]), 0.0, 0.0)
    assert stored.scale().tolist() == pytest.approx([np.std([1.0, 2.0, 3.0]), 0.0])
