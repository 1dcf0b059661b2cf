"""The world of Craftax by name: what stands where, and when a task is done."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from autoreward.environment.foreign.crafting import (
    BLOCKS,
    COW,
    LIMITS,
    MOBS,
    NOTHING,
    TREE,
    Crafting,
    is_done,
    nearest,
    observed,
)
from autoreward.environment.foreign.crafting_fields import ITEMS, MEANINGS, VIEW
from autoreward.environment.foreign.reference import read_reference
from autoreward.errors import UsageError


def row(*places: tuple[int, int, int], wood: float = 0.0) -> np.ndarray:
    """An observation with these (row, column, kind) in view."""
    view = np.zeros((*VIEW, BLOCKS + MOBS), np.float32)
    for place in places:
        view[place] = 1.0
    inventory = np.zeros(len(ITEMS), np.float32)
    inventory[0] = wood
    vitals, facing = np.array([0.9, 0.8, 0.7, 0.6]), np.array([0.0, 1.0, 0.0, 0.0])
    return np.concatenate([view.ravel(), inventory, vitals, facing, [1.0, 0.0]]).astype(np.float32)


def test_what_is_near_is_named_with_where_it_is() -> None:
    seen = observed(row((3, 7, TREE), (0, 3, TREE), (6, 4, COW)))  # the player stands at (3, 4)
    assert seen["tree_offset"].tolist() == [0.0, 3.0]
    assert seen["cow_offset"].tolist() == [3.0, 0.0]
    assert seen["lava_offset"].tolist() == [NOTHING, NOTHING]
    assert seen["vitals"].tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])
    assert seen["facing"].tolist() == [0.0, 1.0, 0.0, 0.0] and seen["light"].tolist() == [1.0]
    assert sum(part.size for name, part in seen.items() if not name.endswith("_offset")) == row().size


def test_of_two_the_nearer_one_counts_in_steps() -> None:
    plane = np.zeros(VIEW)
    plane[5, 6] = plane[3, 1] = 1.0  # 2 + 2 steps; 0 + 3
    assert nearest(plane).tolist() == [0.0, -3.0]


@pytest.mark.parametrize(
    ("task", "seen", "done"),
    [
        ("approach_tree", row((3, 5, TREE)), True),
        ("approach_tree", row((4, 5, TREE)), False),  # across a corner
        ("approach_cow", row((3, 5, TREE)), False),
        ("approach_cow", row((2, 4, COW)), True),
        ("collect_wood", row(wood=0.1), True),
        ("collect_wood", row(), False),
        ("diamond_without_lava", row(wood=0.1), False),
    ],
)
def test_when_a_task_is_done(task: str, seen: np.ndarray, done: bool) -> None:
    assert is_done(task, observed(seen)) == done


def test_its_short_name() -> None:
    found = read_reference("craftax:collect_wood")
    assert found is not None and found.kwargs == {"task": "collect_wood"}
    assert found.id == f"{Crafting.__module__}:Crafting"
    seen = observed(row())
    assert found.meanings == MEANINGS and MEANINGS.keys() == seen.keys()
    for name, meaning in MEANINGS.items():
        assert not meaning.components or len(meaning.components) == seen[name].size


def test_a_task_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="fly"):
        Crafting("fly")


@pytest.mark.skipif(find_spec("craftax") is not None, reason="craftax is installed")
def test_without_the_extra_it_is_said_how_to_install_it() -> None:
    with pytest.raises(UsageError) as caught:
        Crafting()
    assert "autoreward[craftax]" in caught.value.remedy


@pytest.mark.skipif(find_spec("craftax") is None, reason="craftax is not installed: it is never beside pygame-ce")
@pytest.mark.parametrize("task", LIMITS)
def test_the_world_shows_what_its_spaces_say(task: str) -> None:
    env = Crafting(task)
    seen, _ = env.reset(seed=3)
    again, _ = env.reset(seed=3)
    for name, part in seen.items():
        np.testing.assert_array_equal(again[name], part)
    for action in (1, 2, 3, 4, 5):
        seen, reward, terminated, truncated, info = env.step(action)
        assert env.observation_space.contains(seen)
        assert reward == info["success"] == float(terminated) and not truncated
