"""What a robot does when its coordinates are put somewhere: fields, ends and actions follow."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.pack import load_pack, pack_names
from autoreward.environment.sides import PlayedSides, coordinates, play_sides
from autoreward.records import Side


def played(env: str, *sides: Side) -> PlayedSides:
    return play_sides(load_pack(env), sides)


@pytest.mark.parametrize("env", pack_names())
def test_every_pack_has_coordinates_by_name(env: str) -> None:
    found = coordinates(load_pack(env))
    assert found and len({one.name for one in found}) == len(found)


def test_a_free_body_has_six_and_joints_their_limits() -> None:
    found = {one.name: one for one in coordinates(load_pack("ant"))}
    assert [name for name in found if name.startswith("root.")] == [
        "root.x", "root.y", "root.z", "root.roll", "root.pitch", "root.yaw",
    ]  # fmt: skip
    assert (found["root.z"].start, found["root.z"].unit) == (0.75, "m")
    assert (found["ankle_1"].low, found["ankle_1"].high) == (
        pytest.approx(0.524, abs=1e-3),
        pytest.approx(1.222, abs=1e-3),
    )


def test_positions_velocities_and_what_is_remembered_agree() -> None:
    """At 1.5 m/s, 125 steps of 8 ms: 1.5 m; the mean velocity is what the pack remembers of positions."""
    run = played("hopper", Side(words="glides", speed={"rootx": 1.5}), Side(words="stands"))
    assert run.valid.sum(axis=0).tolist() == [125, 125]
    position, velocity = run.next_state["torso_position"], run.next_state["torso_velocity"]
    assert position[-1, 0, 0] == pytest.approx(1.5, abs=1e-5) and position[-1, 1, 0] == 0.0
    np.testing.assert_allclose(velocity[:, 0, 0], 1.5, rtol=1e-4)
    np.testing.assert_allclose(run.next_state["torso_mean_velocity"][:, 0, 0], 1.5, rtol=1e-3)
    np.testing.assert_allclose(run.state["torso_position"][1:], position[:-1])
    assert run.state["torso_position"][0, 0, 0] == 0.0
    assert not run.next_state["terminated"].any()


def test_a_pose_passes_its_numbers_evenly() -> None:
    run = played("hopper", Side(words="jumps", pose={"rootz": (0.0, 0.4, 0.0)}))
    height = run.next_state["torso_position"][:, 0, 2] - 1.25
    assert height.max() == pytest.approx(0.4, abs=0.01) and height[-1] == pytest.approx(0.0, abs=1e-4)
    assert height[30] == pytest.approx(0.4 * 31 / 62.5, abs=1e-3)
    assert run.next_state["torso_velocity"][10, 0, 2] == pytest.approx(0.8, rel=1e-2)


def test_a_side_ends_where_the_episode_does() -> None:
    """It leans by 1 rad a second, and the episode ends beyond 0.2 rad: with the 25th step of 8 ms (0.2 in float64)."""
    run = played("hopper", Side(words="falls", speed={"rooty": 1.0}))
    assert run.valid.sum() == 25
    assert run.next_state["terminated"][24, 0] == 1.0


def test_a_single_step_has_a_velocity() -> None:
    run = played("ant", Side(words="runs", seconds=0, speed={"root.x": 2.0}))
    assert run.valid.shape == (1, 1)
    assert run.next_state["torso_velocity"][0, 0, 0] == pytest.approx(2.0, rel=1e-3)


def test_a_free_body_turns_about_the_world() -> None:
    run = played(
        "ant",
        Side(words="on its back", seconds=0, pose={"root.roll": np.pi}),
        Side(words="turns", speed={"root.yaw": 2.0}),
    )
    assert run.next_state["torso_up"][0, 0, 2] == pytest.approx(-1.0, abs=1e-5)
    assert run.next_state["torso_angular_velocity"][3, 1, 2] == pytest.approx(2.0, rel=1e-3)


def test_an_action_is_a_share_of_the_range() -> None:
    run = played(
        "ant", Side(words="rests"), Side(words="strains", action=-0.5), Side(words="one", action=(1.0, *[0.0] * 7))
    )
    assert run.action[0].tolist() == [[0.0] * 8, [-0.5] * 8, [1.0, *[0.0] * 7]]
