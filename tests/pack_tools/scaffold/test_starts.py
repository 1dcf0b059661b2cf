"""Where episodes begin: robots near their pose, objects spread and turned, nothing outside its limits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autoreward.environment.pack import Pack
from autoreward.pack_tools.scaffold.starts import initial_positions, positions_noise, velocities_noise
from tests.pack_tools.conftest import played
from tests.pack_tools.scaffold.anatomies import robot


def test_a_door_at_its_limit_starts_a_little_open() -> None:
    led = robot("led")
    (door,) = [joint for joint in led.joints if joint.name == "door_hinge"]
    assert initial_positions(led)[door.qpos] == positions_noise(led)[door.qpos] == pytest.approx(0.025)


def test_objects_and_locked_joints_rest() -> None:
    led = robot("led")
    noise = velocities_noise(led)
    assert isinstance(noise, list)
    assert noise[0] == 0.0 and noise[1] > 0.0  # the rail that only says where it stands; the shoulder
    assert positions_noise(led)[0] == 0.0
    assert velocities_noise(robot("arm")) == 0.05


def test_a_loose_object_starts_spread_and_turned_about_the_vertical(make: Callable[..., Pack]) -> None:
    pack = make("led")
    _, rollout, _ = played(pack, steps=1)
    cube = rollout.before["qpos"][0, :, 5:12]
    assert (np.abs(cube[:, 0] - 0.6) <= 0.05).all() and np.ptp(cube[:, 0]) > 0.0
    np.testing.assert_array_equal(cube[:, 2], 0.03)
    np.testing.assert_allclose(np.linalg.norm(cube[:, 3:], axis=-1), 1.0)
    np.testing.assert_allclose(cube[:, 4:6], 0.0, atol=1e-12)  # it stands as before
    assert np.ptp(cube[:, 6]) > 0.1


def test_what_is_led_goes_where_its_actions_add_up_to(make: Callable[..., Pack]) -> None:
    pack = make("led")
    _, rollout, fields = played(pack, steps=20)
    start = np.array([0.5, 0.0, 0.4])
    moved = start + np.cumsum(rollout.action[:, :, 2:5].astype(float), axis=0)
    np.testing.assert_allclose(fields["wrist_leader_position"], moved, atol=1e-5)
    assert np.abs(fields["grip_position"][-1] - fields["grip_position"][0]).max() > 0.005
