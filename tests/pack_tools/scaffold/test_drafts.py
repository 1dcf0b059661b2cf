"""The fields of a new pack: read from the right entries, declared with units, under names of their own."""

from __future__ import annotations

import re

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.environment.pack import data_view
from autoreward.pack_tools.scaffold.anatomy import Anatomy
from autoreward.pack_tools.scaffold.drafts import RESERVED, Draft, choose_tracked_points, draft_fields, joined, slice_of
from tests.pack_tools.conftest import ROBOTS
from tests.pack_tools.scaffold.anatomies import robot

HELPERS = r"\b(memory|rotated|tilt|BASE)\b"  # what only a whole pack has


def value(draft: Draft, anatomy: Anatomy) -> np.ndarray:
    """What the expression of a draft gives at the rest pose."""
    data = mujoco.MjData(anatomy.model)
    mujoco.mj_forward(anatomy.model, data)
    arrays = {name: np.array(getattr(data, name)) for name in draft.reads}
    return np.asarray(eval(draft.expression, {"xp": np, "data": data_view(arrays)}))


@pytest.mark.parametrize("name", ROBOTS)
def test_every_expression_has_the_declared_shape_and_reads_what_it_says(name: str) -> None:
    anatomy = robot(name)
    drafts = draft_fields(anatomy)
    assert drafts
    for draft in drafts:
        if not re.search(HELPERS, draft.expression):
            assert value(draft, anatomy).shape == draft.shape, draft.name
            assert set(draft.reads) == {part for part in draft.reads if f"data.{part}" in draft.expression}
        assert not draft.components or len(draft.components) == draft.shape[-1]


@pytest.mark.parametrize("name", ROBOTS)
def test_names_are_new_and_not_those_of_the_framework(name: str) -> None:
    names = [draft.name for draft in draft_fields(robot(name))]
    assert len(set(names)) == len(names)
    assert not RESERVED & set(names)


def test_the_angles_of_an_arm() -> None:
    anatomy = robot("arm")
    angles = next(draft for draft in draft_fields(anatomy) if draft.name == "joint_position")
    assert (angles.unit, angles.frame, angles.components) == ("rad", "joint", ("pan", "lift", "elbow"))
    assert value(angles, anatomy).tolist() == [0.0, 0.0, 0.0]


def test_points_whose_velocity_is_kept() -> None:
    assert {point.name for point in choose_tracked_points(robot("arm"))} == {"gripper"}
    assert "trunk" in {point.name for point in choose_tracked_points(robot("quadruped"))}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8, unique=True).map(sorted))
def test_entries_are_joined_in_their_order(entries: list[int]) -> None:
    array = np.arange(20.0).reshape(2, 10)
    found = eval(joined("qpos", entries), {"xp": np, "data": data_view({"qpos": array})})
    np.testing.assert_array_equal(found, array[:, entries])


def test_a_slice() -> None:
    array = np.arange(20.0).reshape(2, 10)
    found = eval(slice_of("qpos", range(3, 6)), {"data": data_view({"qpos": array})})
    np.testing.assert_array_equal(found, array[:, 3:6])
