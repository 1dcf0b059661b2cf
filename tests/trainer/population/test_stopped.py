"""Candidates that leave a population, with plain arrays: who takes what, and in which order they come back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autoreward.trainer.population.candidate_members import CandidateMembers
from autoreward.trainer.population.policy import Actor, RunningStats
from autoreward.trainer.population.stopped import join_all, place_side_by_side, select_members, take_out


class Placed(CandidateMembers):
    """A candidate that has a name, a number of members and a place, and nothing to be trained with."""

    def __init__(self, candidate: str, members: int) -> None:
        self.candidate, self._members = candidate, members
        self.slots = slice(0, members)

    def place(self, first: int) -> None:
        self.slots = slice(first, first + self._members)


def candidates(*sizes: int) -> list[CandidateMembers]:
    placed: list[CandidateMembers] = [Placed(f"c{index}", size) for index, size in enumerate(sizes)]
    place_side_by_side(placed)
    return placed


def actor(members: int) -> Actor:
    """Policies in which every number is the place of its member."""
    numbers = np.arange(members, dtype=np.float32)
    stats: Any = RunningStats(numbers[:, None], numbers[:, None], numbers)
    return Actor(((numbers[:, None, None], numbers[:, None]),), numbers[:, None], stats)


def test_candidates_stand_one_after_the_other() -> None:
    assert [one.slots for one in candidates(2, 1, 3)] == [slice(0, 2), slice(2, 3), slice(3, 6)]


def test_the_rows_of_some_members_of_one_array_or_of_many() -> None:
    _, second, third = candidates(2, 1, 3)
    np.testing.assert_array_equal(select_members(np.arange(6), [third, second]), [3, 4, 5, 2])
    np.testing.assert_array_equal(select_members(actor(6), [second]).log_std, [[2.0]])


def test_what_is_taken_out_is_joined_in_the_first_order() -> None:
    everybody = candidates(2, 1, 3)
    diverged = np.arange(6) * 10
    first, second, third = everybody
    gone = take_out([third], actor(6), diverged)
    gone += take_out([first, second], actor(6), diverged)
    joined, best, counted = join_all(gone, ["c0", "c1", "c2"])
    assert [one.candidate for one in joined] == ["c0", "c1", "c2"]
    np.testing.assert_array_equal(best.log_std[:, 0], np.arange(6))
    np.testing.assert_array_equal(counted, diverged)
    assert [one.slots for one in joined] == [slice(0, 2), slice(2, 3), slice(3, 6)]
