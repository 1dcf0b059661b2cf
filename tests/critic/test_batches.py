"""The rows that a program is probed on: real ones, and wider ones that keep what a field promises."""

from __future__ import annotations

import numpy as np

from autoreward.critic.batches import REAL_ROWS, WIDE_ROWS, probe_rows
from tests.reward.robot import ROBOT, transitions


def test_real_rows_come_first() -> None:
    seen = transitions(50)
    joined, real = probe_rows(seen, ROBOT)
    assert real == 50 and joined.action.shape == (50 + WIDE_ROWS, ROBOT.action_size)
    np.testing.assert_array_equal(joined.next_state["torso_up"][:50], seen.next_state["torso_up"])


def test_of_many_rows_some_are_drawn_in_their_order() -> None:
    seen = transitions(1000)
    joined, real = probe_rows(seen, ROBOT)
    assert real == REAL_ROWS
    places = [int(np.flatnonzero(seen.next_state["time"] == value)[0]) for value in joined.next_state["time"][:real]]
    assert places == sorted(places)


def test_wide_rows_go_beyond_what_was_seen_and_keep_signs_and_flags() -> None:
    joined, real = probe_rows(transitions(300), ROBOT)
    wide = {name: array[real:] for name, array in joined.next_state.items()}
    assert np.abs(wide["torso_velocity"]).max() > 2.0
    assert wide["torso_height"].min() >= 0.0 and wide["torso_height"].max() > 0.8
    assert set(np.unique(wide["terminated"])) <= {0.0, 1.0}
    assert np.abs(joined.action[real:]).max() <= 1.0


def test_the_same_rows_every_time() -> None:
    one, other = (probe_rows(transitions(300), ROBOT)[0] for _ in range(2))
    np.testing.assert_array_equal(one.action, other.action)
    assert one.action.dtype == np.float32
