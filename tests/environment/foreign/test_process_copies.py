"""Copies in several processes are the same copies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autoreward.environment.foreign.copies import Copies, CopiesMade
from autoreward.environment.foreign.process_copies import WORTH, ProcessCopies, ProcessesMade, processes_for
from autoreward.environment.foreign.reference import PinnedInfo, read_reference
from autoreward.errors import EnvironmentFailedError


@pytest.fixture(scope="module")
def folder() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(Path(__file__).parent)
        patch.syspath_prepend(str(Path(__file__).parent))
        yield


def made(env: str, **kwargs: object) -> tuple[CopiesMade, ProcessesMade]:
    reference = read_reference(env)
    assert reference is not None
    pinned = reference.model_copy(update={"kwargs": kwargs, "info": PinnedInfo(shown={}, hidden={})})
    here = CopiesMade(pinned)
    return here, ProcessesMade(pinned, here, WORTH)  # two copies are worth them


@pytest.fixture(scope="module")
def counting(folder: None) -> Iterator[tuple[CopiesMade, ProcessesMade]]:
    both = made("own_envs:Counting", length=3)
    yield both
    both[1].close()


def test_they_show_what_one_process_shows(counting: tuple[CopiesMade, ProcessesMade]) -> None:
    here, there = (one.take(3) for one in counting)
    places, seeds = np.arange(3), np.array([5, 6, 7])
    first, second = (one.reset(places, seeds) for one in (here, there))
    np.testing.assert_array_equal(first.rows, second.rows)
    for _ in range(5):
        one, other = (copies.step(np.zeros((3, 1), np.float32)) for copies in (here, there))
        assert one.seen is not None and other.seen is not None
        np.testing.assert_array_equal(one.seen.rows, other.seen.rows)
        np.testing.assert_array_equal(one.seen.raw["reward"], other.seen.raw["reward"])
        np.testing.assert_array_equal(one.terminated, other.terminated)
        assert (one.places, one.failures) == (other.places, other.failures)
        if one.terminated.any():
            again = [copies.reset(np.array([2, 0]), np.array([8, 9])) for copies in (here, there)]
            assert sorted(again[0].rows[:, 0].tolist()) == sorted(again[1].rows[:, 0].tolist()) == [8, 9]


def test_what_is_not_read_is_stepped_all_the_same(counting: tuple[CopiesMade, ProcessesMade]) -> None:
    for copies in (one.take(3) for one in counting):
        first = copies.reset(np.arange(3), np.array([5, 6, 7]))
        np.testing.assert_array_equal(first.rows[:, 1], 0)
        ended = [copies.advance(np.zeros((3, 1), np.float32)).tolist() for _ in range(3)]
        assert ended == [[False] * 3, [False] * 3, [True] * 3]


def test_few_copies_are_stepped_here(counting: tuple[CopiesMade, ProcessesMade]) -> None:
    (row,) = counting[1].take(1).reset(np.arange(1), np.array([4])).rows
    np.testing.assert_array_equal(row, [4, 0])
    assert "2 processes" in counting[1].how(3) and "one copy after the other" in counting[1].how(1)


def test_what_fails_there_is_said_here(folder: None) -> None:
    _, there = made("own_envs:Raises", after=0)
    copies = there.take(2)
    copies.reset(np.arange(2), np.arange(2))
    failures = copies.step(np.zeros((2, 1), np.float32)).failures
    assert all("the gripper is stuck" in str(failure) for failure in failures)
    process = there._workers[1]._process
    process.kill()
    process.wait()
    with pytest.raises(EnvironmentFailedError, match="the process that stepped it ended with status -9") as caught:
        copies.step(np.zeros((2, 1), np.float32))
    assert "It was killed" in caught.value.remedy
    there.close()


def test_copies_that_are_slow_together_are_stepped_by_processes(counting: tuple[CopiesMade, ProcessesMade]) -> None:
    there = counting[1]
    assert isinstance(there.take(1), Copies) and isinstance(there.take(2), ProcessCopies)


def test_slow_steps_are_worth_processes_and_never_more_than_cores() -> None:
    assert processes_for(WORTH / 2) == 1
    assert processes_for(1.0) == processes_for(0.0, make_seconds=5.0) == len(os.sched_getaffinity(0))
