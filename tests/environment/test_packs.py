"""What the packs' fields say about the robot: signs, heights, memory, sampled goals."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.lazy_fields import computed
from autoreward.environment.pack import Pack, data_view, load_pack
from autoreward.environment.random_rollout import draw_noise, random_rollout
from autoreward.environment.simulation.model import load_model
from autoreward.environment.vector_env import VectorEnv

Array = Any


def posed(pack: Pack, changes: dict[int, float]) -> tuple[Any, dict[str, Array]]:
    """MuJoCo's data, and the pack's fields right after a reset `[1, ...]`, with entries of qpos changed."""
    model = load_model(pack)
    data = mujoco.MjData(model)
    for index, value in changes.items():
        data.qpos[index] = value
    mujoco.mj_forward(model, data)
    view = data_view({name: np.array(getattr(data, name))[None] for name in pack.data})
    memory = pack.memory(np, None, view, None) if pack.memory else {}
    return data, computed(pack.fields(np, view, memory))


@pytest.mark.parametrize("name", ["hopper", "walker2d", "half_cheetah"])
def test_positive_pitch_turns_forward(name: str) -> None:
    """A forward turn brings the top of the torso, MuJoCo's own z axis of the body, towards +x."""
    data, fields = posed(load_pack(name), {2: 0.3})
    up = data.body("torso").xmat.reshape(3, 3)[:, 2]
    assert up[0] == pytest.approx(np.sin(0.3))
    np.testing.assert_allclose(fields["torso_up"][0], up, atol=1e-12)
    np.testing.assert_allclose(fields["torso_position"][0], data.body("torso").xpos, atol=1e-12)


@pytest.mark.parametrize("name", ["ant", "humanoid"])
def test_axes_of_a_free_torso(name: str) -> None:
    """Also with a quaternion that a reset's noise has left unnormalised."""
    data, fields = posed(load_pack(name), {3: 0.9, 4: 0.3, 5: -0.4, 6: 0.5})
    axes = data.body("torso").xmat.reshape(3, 3)
    np.testing.assert_allclose(fields["torso_forward"][0], axes[:, 0], atol=1e-12)
    np.testing.assert_allclose(fields["torso_up"][0], axes[:, 2], atol=1e-12)


def test_feet_of_the_ant_are_the_tips_of_its_legs() -> None:
    """With all joints at 0 the legs lie in the plane of the torso, 0.8 m out along x and along y."""
    _, fields = posed(load_pack("ant"), {})
    expected = [[0.8, 0.8, 0.75], [-0.8, 0.8, 0.75], [-0.8, -0.8, 0.75], [0.8, -0.8, 0.75]]
    np.testing.assert_allclose(fields["foot_position"][0], expected, atol=1e-12)
    np.testing.assert_allclose(fields["foot_height"][0], 0.75, atol=1e-12)


FEET = {"hopper": [4], "half_cheetah": [5, 8], "walker2d": [4, 7], "ant": [4, 7, 10, 13], "humanoid": [8, 11]}  # geoms


def touching_geoms(data: Any, near: dict[int, Array]) -> set[int]:
    """Geoms in contact with the ground; those in `near` only where that is within 0.1 m of a place."""
    pairs = zip(data.contact.geom[: data.ncon].tolist(), data.contact.pos[: data.ncon], strict=True)
    return {
        geom
        for pair, place in pairs
        if 0 in pair
        for geom in pair
        if geom not in near or np.linalg.norm(place - near[geom]) < 0.1
    }


@pytest.mark.parametrize("name", FEET)
def test_a_foot_touches_where_mujoco_makes_a_contact(name: str) -> None:
    """Also on its edge, tilted, and while it sinks in: over 900 steps of random motion from several heights."""
    pack = load_pack(name)
    model = load_model(pack)
    rng = np.random.default_rng(0)
    told, real, lowest = [], [], []
    for start in range(6):
        data = mujoco.MjData(model)
        data.qpos[2 if name in ("ant", "humanoid") else 1] += 0.05 * start
        for _ in range(150):
            data.ctrl[:] = rng.uniform(*model.actuator_ctrlrange.T)
            mujoco.mj_step(model, data, pack.frame_skip)
            view = data_view({array: np.array(getattr(data, array))[None] for array in pack.data})
            memory = pack.memory(np, None, view, None) if pack.memory else {}
            fields = computed(pack.fields(np, view, memory))
            tips = fields["foot_position"][0] if name == "ant" else None  # a shin may lie on its other end
            touching = touching_geoms(data, dict(zip(FEET[name], tips, strict=True)) if tips is not None else {})
            told.append(np.atleast_1d(fields["foot_contact"][0]))
            lowest.append(np.atleast_1d(fields["foot_height"][0]))
            real.append([float(geom in touching) for geom in FEET[name]])
    assert 0.02 < np.mean(real) < 0.98
    np.testing.assert_array_equal(told, real)
    touching = np.array(lowest)[np.array(real) == 1.0]
    assert touching.max() < (0.11 if name == "ant" else 0.003)  # the ant's field is the middle of its round tip


@pytest.mark.parametrize(
    ("heights", "turns", "turn_height"),
    [
        ([0.40, 0.30, 0.20], 0, 0.0),  # falls only
        ([0.40, 0.30, 0.34, 0.30], 0, 0.0),  # came back by less than 0.05 m
        ([0.40, 0.30, 0.36], 1, 0.30),
        ([0.40, 0.30, 0.36, 0.50, 0.44], 2, 0.50),
        ([0.40, 0.30, 0.33, 0.28, 0.34], 1, 0.28),  # the lowest point counts, not the first
        ([0.40, 0.42, 0.44, 0.46, 0.40, 0.46], 2, 0.40),  # slowly up, quickly down and up
    ],
)
def test_turns_of_a_foot_by_hand(heights: list[float], turns: int, turn_height: float) -> None:
    pack = load_pack("ant")
    assert pack.memory is not None
    memory: dict[str, Array] | None = None
    for height in heights:
        places = np.zeros((1, 14, 3))
        places[0, 4, 2] = height  # middle and joint at one height: so is the tip
        view = data_view({"xpos": places, "geom_xpos": places})
        memory = pack.memory(np, memory, view, None)
    assert memory is not None
    assert memory["turns"][0].tolist() == [turns, 0, 0, 0]
    assert memory["turn_height"][0, 0] == pytest.approx(turn_height)


def test_time_upright_grows_and_starts_again() -> None:
    pack = load_pack("hopper")
    assert pack.memory is not None
    memory, seen = None, []
    for pitch, height in [(0.0, 1.25), (0.2, 1.2), (-0.2, 0.81), (0.4, 1.2), (6.2, 1.2), (6.2, 0.70), (6.5, 1.0)]:
        view = data_view({"qpos": np.array([[0.0, height, pitch, 0.0, 0.0, 0.0]])})
        memory = pack.memory(np, memory, view, None)
        seen.append(float(memory["upright_time"][0]))
    assert seen == pytest.approx([0.0, 0.008, 0.016, 0.0, 0.008, 0.0, 0.008])


def test_targets_of_the_reacher_fill_the_disc_evenly() -> None:
    """As in Gymnasium, a quarter of the targets lies in the inner disc of half the radius."""
    env = VectorEnv(load_pack("reacher"), 4000, num_threads=1)
    env.reset(draw_noise(np.random.default_rng(0), 4000, env.noise_size))
    arrays = env._simulation.arrays()
    target = arrays["qpos"][:, 2:4]
    np.testing.assert_allclose(target, arrays["xpos"][:, 4, 0:2], atol=1e-12)
    radius = np.linalg.norm(target, axis=-1)
    assert radius.max() <= 0.2
    assert np.mean(radius < 0.1) == pytest.approx(0.25, abs=0.03)
    np.testing.assert_allclose(target.mean(axis=0), 0.0, atol=0.01)
    assert (arrays["qvel"][:, 2:4] == 0.0).all()
    assert np.abs(arrays["qvel"][:, 0:2]).max() <= 0.005


@pytest.mark.parametrize("name", ["hopper", "walker2d", "ant", "humanoid", "inverted_pendulum"])
def test_the_bounds_of_a_pack_are_its_termination(name: str) -> None:
    """In random motion, where no velocity gets out of bounds: at ends one entry has left its range, before none has."""
    pack = load_pack(name)
    env, rollout = random_rollout(pack, num_envs=8, num_steps=200)
    fields = env.fields(rollout, after=True)
    outside = np.zeros(rollout.terminated.shape, bool)
    for bound in pack.bounds:
        field, _, entry = bound.entry.partition(".")
        values = fields[field][..., "xyz".index(entry)] if entry else fields[field]
        outside |= (values < (bound.low or -np.inf)) | (values > (bound.high or np.inf))
    assert rollout.terminated.any() or name == "ant"
    np.testing.assert_array_equal(outside, rollout.terminated)
