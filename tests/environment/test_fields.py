"""What the shared field makers declare and compute, against numbers worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.environment.fields import (
    body_axes,
    joint_angles,
    never,
    normal_start,
    planar_torso,
    torso_velocities,
    track_position,
    uniform_start,
    vector,
)
from autoreward.environment.pack import Noise
from autoreward.records import FieldSpec

HALF = np.sqrt(0.5)


def test_declarations_are_field_specs() -> None:
    declared = {"tip": vector("m", "the tip", "body", observable=False)}
    declared |= torso_velocities("hull") | joint_angles(("hip", "knee"), "angle of each")
    specs = {name: FieldSpec(name=name, **facts) for name, facts in declared.items()}
    assert (specs["tip"].shape, specs["tip"].frame, specs["tip"].observable) == ((3,), "body", False)
    assert specs["torso_velocity"].meaning == "velocity of the hull at this moment"
    assert specs["torso_mean_velocity"].components == ("x", "y", "z")
    assert (specs["joint_position"].meaning, specs["joint_position"].shape) == ("angle of each", (2,))
    assert (specs["joint_velocity"].unit, specs["joint_velocity"].components) == ("rad/s", ("hip", "knee"))


def test_a_tracked_position_tells_its_mean_velocity() -> None:
    first = track_position(np, None, np.array([[1.0, 2.0]]), 0.5)
    np.testing.assert_array_equal(first["mean_velocity"], [[0.0, 0.0]])
    later = track_position(np, first, np.array([[1.5, 1.0]]), 0.5)
    np.testing.assert_array_equal(later["mean_velocity"], [[1.0, -2.0]])  # (1.5 - 1) / 0.5, (1 - 2) / 0.5
    np.testing.assert_array_equal(later["position"], [[1.5, 1.0]])


@pytest.mark.parametrize("xp", [np, jnp])
def test_a_planar_torso_is_laid_out_in_space(xp: object) -> None:
    data = SimpleNamespace(qpos=np.array([[3.0, 0.25, np.pi / 2, 9.0]]), qvel=np.array([[4.0, 5.0, 6.0, 9.0]]))
    fields = planar_torso(xp, data, {"mean_velocity": np.array([[7.0, 8.0]])}, height=0.5)
    np.testing.assert_allclose(fields["torso_position"], [[3.0, 0.0, 0.75]])
    np.testing.assert_allclose(fields["torso_velocity"], [[4.0, 0.0, 5.0]])
    np.testing.assert_allclose(fields["torso_mean_velocity"], [[7.0, 0.0, 8.0]])
    np.testing.assert_allclose(fields["torso_pitch"], [np.pi / 2], rtol=1e-6)
    np.testing.assert_allclose(fields["torso_pitch_rate"], [6.0])
    np.testing.assert_allclose(fields["torso_up"], [[1.0, 0.0, 0.0]], atol=1e-6)  # a quarter turn forward


@pytest.mark.parametrize(
    ("quaternion", "forward", "up"),
    [
        ((2.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),  # not normalised
        ((HALF, 0.0, 0.0, HALF), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),  # a quarter turn about z, to the left
        ((HALF, 0.0, HALF, 0.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)),  # about y: it lies on its front
    ],
)
def test_body_axes(quaternion: tuple[float, ...], forward: tuple[float, ...], up: tuple[float, ...]) -> None:
    ours = body_axes(np, np.array([quaternion]))
    np.testing.assert_allclose(ours, [[forward], [up]], atol=1e-12)


def test_never_is_false_for_every_row() -> None:
    ended = never(np, SimpleNamespace(qpos=np.ones((2, 3, 4))), {})
    assert (ended.shape, ended.dtype, ended.any()) == ((2, 3), bool, False)


def test_starts_take_each_entry_of_the_noise_once() -> None:
    start = SimpleNamespace(qpos=np.array([10.0, 20.0]), qvel=np.array([30.0]))
    noise = Noise(uniform=np.array([[0.1, 0.2, 0.3]]), normal=np.array([[1.0, 2.0, 3.0]]))
    qpos, qvel = uniform_start(start, noise, scale=0.5)
    np.testing.assert_allclose(qpos, [[10.05, 20.1]])
    np.testing.assert_allclose(qvel, [[30.15]])
    qpos, qvel = normal_start(start, noise, scale=0.5)
    np.testing.assert_allclose(qpos, [[10.05, 20.1]])
    np.testing.assert_allclose(qvel, [[30.5]])
