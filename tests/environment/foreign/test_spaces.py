"""Observations of any space as rows, rows of a policy as actions of any space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from autoreward.environment.foreign.spaces import ObservationSpace, action_space
from autoreward.errors import EnvironmentFailedError


def test_a_dict_is_one_row_in_the_order_of_its_keys() -> None:
    space = spaces.Dict(
        {
            "b": spaces.Box(-1, 1, (2,)),
            "a": spaces.Tuple([spaces.Discrete(3, start=1), spaces.MultiDiscrete([2, 2])]),
            "text": spaces.Text(3),
        }
    )
    found = ObservationSpace("own", space)
    seen = {"b": np.array([0.5, -0.5]), "a": (3, np.array([1, 0])), "text": "x"}
    expected = {"a": [0, 0, 1, 0, 1, 1, 0], "b": [0.5, -0.5]}
    order = [key for key in space.spaces if key != "text"]
    np.testing.assert_array_equal(found.rows([seen, seen])[1], np.concatenate([expected[key] for key in order]))
    assert found.left_out == ["text"]
    assert [leaf.name for leaf in found.leaves if leaf.path[0] == "a"] == ["a_0", "a_1"]


def test_a_box_of_any_shape_is_one_row() -> None:
    found = ObservationSpace("own", spaces.Box(0, 255, (2, 3), np.uint8))
    np.testing.assert_array_equal(found.rows([np.arange(6).reshape(2, 3)]), [[0, 1, 2, 3, 4, 5]])


@pytest.mark.parametrize(
    ("space", "seen"),
    [
        (spaces.Box(0, 255, (84, 84, 3), np.uint8), "is an image, 84 x 84 x 3 bytes"),
        (spaces.Dict({"eye": spaces.Box(0, 255, (64, 64), np.uint8)}), "'eye' is an image"),
        (spaces.Text(4), "which has no numbers"),
        (spaces.Box(-1, 1, (5000,)), "5000 numbers"),
        (spaces.Sequence(spaces.Discrete(2)), "is a Sequence"),
    ],
)
def test_what_is_no_row_of_numbers_is_refused(space: Any, seen: str) -> None:
    with pytest.raises(EnvironmentFailedError, match=seen):
        ObservationSpace("own", space)


@pytest.mark.parametrize(
    ("space", "row", "action"),
    [
        (spaces.Box(-2.0, 2.0, (2, 1), np.float64), [0.5, -1.5], [[0.5], [-1.5]]),
        (spaces.Discrete(3, start=-1), [0, 0, 1], 1),
        (spaces.MultiDiscrete([2, 3], start=[0, 5]), [0, 1, 1, 0, 0], [1, 5]),
        (spaces.MultiBinary(2), [1, 0, 0, 1], [0, 1]),
    ],
)
def test_rows_become_actions(space: Any, row: list[float], action: Any) -> None:
    (made,) = action_space("own", space).actions(np.float32([row]))
    np.testing.assert_array_equal(made, action)
    assert space.contains(made)


def test_unlimited_entries_are_free() -> None:
    space = spaces.Box(np.float64([-np.inf, 0.0, -2.0]), np.float64([np.inf, np.inf, 4.0]), (3,), np.float64)
    np.testing.assert_array_equal(action_space("own", space).range.free, [True, True, False])


def test_an_action_of_another_kind_is_refused() -> None:
    with pytest.raises(EnvironmentFailedError, match="expected Box, Discrete"):
        action_space("own", spaces.Dict({"a": spaces.Discrete(2)}))
