"""Each task's metric on a trajectory that succeeds and on near misses.

Tasks judged by yes or no have stored trajectories (tests/data); distances and speeds are thrown here, by initial
velocity, and compared with what the positions say.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from autoreward.environment.environment import Environment
from autoreward.environment.pack import Noise, load_pack, pack_names
from autoreward.environment.random_rollout import draw_noise, open_environment
from autoreward.environment.task import load_task, task_names
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.environment.stored import Measure, fields_of, stored_states

Array = Any
JUDGED = [("hopper", "front_flip"), ("hopper", "back_flip"), ("ant", "lie_down"), ("ant", "wave_leg")]


@pytest.fixture(scope="module")
def measured(sandbox: Sandbox) -> Measure:
    return Measure(sandbox)


@cache
def environment_of(env: str, task: str) -> Environment:
    return open_environment(env, task)


@cache
def cases_of(env: str, task: str) -> dict[str, dict[str, Array]]:
    environment = environment_of(env, task)
    return {name: fields_of(environment, states) for name, states in stored_states(f"{env}_{task}").items()}


def thrown(
    env: str, task: str, velocity: dict[int, float], steps: int
) -> tuple[Environment, Rollout, dict[str, Array]]:
    """One episode without noise and motors, thrown with `velocity` (index in qvel -> value)."""
    environment = environment_of(env, task)

    def reset(xp: Any, start: Any, noise: Noise) -> tuple[Array, Array]:
        qpos, qvel = start.qpos[None].copy(), start.qvel[None].copy()
        for index, value in velocity.items():
            qvel[:, index] = value
        return qpos, qvel

    vector_env = VectorEnv(replace(environment.pack, reset=reset), 1, horizon=steps, num_threads=1)
    rng = np.random.default_rng(0)
    vector_env.reset(draw_noise(rng, 1, vector_env.noise_size))
    rollout = vector_env.new_rollout(steps)
    for t in range(steps):
        vector_env.step(
            np.zeros_like(vector_env.actions.low)[None], rollout, t, draw_noise(rng, 1, vector_env.noise_size)
        )
    vector_env.finish(rollout)
    return environment, rollout, vector_env.fields(rollout, after=True)


# --- Judged by yes or no ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("env", "task"), JUDGED)
def test_the_success_succeeds_with_full_progress(measured: Measure, env: str, task: str) -> None:
    success, progress = measured(environment_of(env, task), task, cases_of(env, task)["success"])
    assert success == 1.0
    assert progress > (0.8 if task == "wave_leg" else 0.999)  # a wave loses progress with every bit of drift


@pytest.mark.parametrize(
    ("env", "task", "case", "low", "high"),
    [
        ("hopper", "front_flip", "held_too_short", 0.5 + 0.5 * 0.2 / 0.5, 0.5 + 0.5 * 0.45 / 0.5),
        ("hopper", "front_flip", "turned_too_little", 0.4, 0.5),
        ("hopper", "back_flip", "held_too_short", 0.5 + 0.5 * 0.3 / 0.5, 0.5 + 0.5 * 0.45 / 0.5),
        ("hopper", "back_flip", "turned_too_little", 0.4, 0.5),
        ("ant", "lie_down", "still_but_on_its_feet", 0.0, 0.0),
        ("ant", "lie_down", "low_but_moving", 0.0, 0.9),
        ("ant", "wave_leg", "waves_too_low", 0.4, 2 / 3),  # two changes of three above 0.3 m
        ("ant", "wave_leg", "drifts_away", 0.0, 0.0),
    ],
)
def test_near_misses_fail(measured: Measure, env: str, task: str, case: str, low: float, high: float) -> None:
    success, progress = measured(environment_of(env, task), task, cases_of(env, task)[case])
    assert success == 0.0
    assert low <= progress <= high


@pytest.mark.parametrize(("task", "other"), [("front_flip", "back_flip"), ("back_flip", "front_flip")])
def test_a_flip_in_the_other_direction_is_none(measured: Measure, task: str, other: str) -> None:
    success, progress = measured(environment_of("hopper", task), task, cases_of("hopper", other)["success"])
    assert success == 0.0
    assert progress < 0.1


def test_flip_by_hand(measured: Measure) -> None:
    """A whole turn in 8 steps, then upright; back at 0 again the flip is undone."""
    pitch = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.2, 6.3, 6.3, 6.3, 6.3, 6.3], np.float32)[:, None]
    upright = np.where(pitch > 6.0, 0.1 * np.arange(-6, 6, dtype=np.float32)[:, None], 0.0).astype(np.float32)
    environment = environment_of("hopper", "front_flip")
    flip = {"torso_pitch": pitch, "upright_time": upright}
    assert measured(environment, "front_flip", flip) == pytest.approx((1.0, 1.0))
    # One step less: held for 0.4 s of 0.5 s.
    done, progress = measured(environment, "front_flip", {"torso_pitch": pitch[:-1], "upright_time": upright[:-1]})
    assert (done, progress) == pytest.approx((0.0, 0.5 + 0.5 * 0.4 / 0.5))
    undone = np.where(np.arange(12)[:, None] > 7, 0.0, pitch).astype(np.float32)
    flip = {"torso_pitch": undone, "upright_time": upright}
    assert measured(environment, "front_flip", flip) == pytest.approx((0.0, 0.6))


def test_an_ant_that_ended_early_does_not_lie(measured: Measure) -> None:
    fields = cases_of("ant", "lie_down")["success"]
    assert measured(environment_of("ant", "lie_down"), "lie_down", fields, length=190) == pytest.approx((0.0, 30 / 40))


def test_the_height_for_lying_is_reachable_and_separates() -> None:
    """With every ankle at its limit an ant on its feet is at 0.38 m; on its back it lies at 0.26 m."""
    lying = cases_of("ant", "lie_down")["success"]
    standing = cases_of("ant", "lie_down")["still_but_on_its_feet"]
    assert 0.25 < lying["torso_position"][-40:, 0, 2].min() <= lying["torso_position"][-40:, 0, 2].max() < 0.28
    assert standing["torso_position"][-40:, 0, 2].min() > 0.37
    assert lying["torso_up"][-1, 0, 2] < -0.8
    assert standing["torso_up"][-1, 0, 2] > 0.8


def test_wave_by_hand(measured: Measure) -> None:
    """Progress is min(n, 3) / 3 * (1 - drift / 0.5); changes below 0.3 m do not count."""
    turns, height = np.zeros((4, 1, 4), np.float32), np.full((4, 1, 4), 0.4, np.float32)
    turns[:, 0, 1] = [0, 1, 2, 3]
    turns[:, 0, 2] = [1, 2, 3, 4]  # a back foot
    drift, up = np.full((4, 1, 2), 0.1, np.float32), np.tile(np.array([0, 0, 1], np.float32), (4, 1, 1))
    fields = {"foot_turns": turns, "foot_turn_height": height, "torso_drift": drift, "torso_up": up}
    environment, stayed = environment_of("ant", "wave_leg"), 1.0 - np.sqrt(2.0) * 0.1 / 0.5
    assert measured(environment, "wave_leg", fields) == pytest.approx((1.0, stayed), rel=1e-5)
    height[2] = 0.2
    assert measured(environment, "wave_leg", fields) == pytest.approx((0.0, 2 / 3 * stayed), rel=1e-5)
    up[0, 0, 2] = -1.0
    assert measured(environment, "wave_leg", fields) == pytest.approx((0.0, 0.0))


# --- Distances and speeds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "reference"), [("hopper", 14.0), ("walker2d", 14.0), ("swimmer", 2.0), ("half_cheetah", 300.0)]
)
@pytest.mark.parametrize("speed", [2.0, 0.0, -2.0])
def test_distance_is_how_far_the_robot_went(measured: Measure, env: str, reference: float, speed: float) -> None:
    """Thrown forward it succeeds by so many metres; standing and going backward are near misses."""
    environment, rollout, fields = thrown(env, "forward", {0: speed}, 20)
    went = rollout.after["qpos"][-1, 0, 0] - rollout.before["qpos"][0, 0, 0]
    assert np.sign(went.round(1)) == np.sign(speed)  # a falling robot slips by a centimetre
    success, progress = measured(environment, "forward", fields)
    assert success == pytest.approx(went, abs=1e-5)
    assert progress == pytest.approx(max(went, 0.0) / reference, abs=1e-6)


@pytest.mark.parametrize("speed", [2.0, 0.0, -2.0])
def test_ant_speed_is_distance_over_the_whole_horizon(measured: Measure, speed: float) -> None:
    environment, rollout, fields = thrown("ant", "forward", {0: speed}, 20)
    went = rollout.after["xpos"][-1, 0, 1, 0] - rollout.before["xpos"][0, 0, 1, 0]
    success, progress = measured(environment, "forward", fields)
    assert success == pytest.approx(went / (20 * 0.05), abs=1e-5)
    assert progress == pytest.approx(max(success, 0.0) / 3.0, abs=1e-6)
    half, _ = measured(environment, "forward", fields, length=10)  # an episode that ended after half of the horizon
    went = rollout.after["xpos"][9, 0, 1, 0] - rollout.before["xpos"][0, 0, 1, 0]
    assert half == pytest.approx(went / (20 * 0.05), abs=1e-5)


def test_humanoid_runs_only_while_it_survives(measured: Measure) -> None:
    environment, rollout, fields = thrown("humanoid", "run", {0: 3.0}, 20)
    assert not rollout.terminated.any()
    went = rollout.after["subtree_com"][-1, 0, 1, 0] - rollout.before["subtree_com"][0, 0, 1, 0]
    success, progress = measured(environment, "run", fields)
    assert success == pytest.approx(went / (20 * 0.015), abs=1e-5)
    assert success > 2.0
    assert progress == pytest.approx(success / 5.0, abs=1e-6)
    # Near misses: it falls in the last step, it falls before, it goes backward.
    fallen = {**fields, "terminated": fields["terminated"].copy()}
    fallen["terminated"][-1] = 1.0
    assert measured(environment, "run", fallen) == pytest.approx((0.0, progress))
    early = measured(environment, "run", fields, length=10)
    assert early[0] == 0.0
    assert 0.0 < early[1] < progress
    _, _, backward = thrown("humanoid", "run", {0: -3.0}, 20)
    assert measured(environment, "run", backward)[0] < -2.0


@pytest.mark.parametrize(
    ("start", "end", "length", "expected"),
    [
        (0.15, 0.0, 50, (0.0, 1.0)),  # reaches it and holds
        (0.0, 0.1, 50, (-0.1, 0.5)),  # was there, but left
        (0.15, 0.03, 50, (-0.03, 0.85)),  # stops short of it
        (0.0, 0.5, 25, (-0.24490, 0.0)),  # the last valid step counts: 24 / 49 of the way
    ],
)
def test_reacher_counts_the_last_distance(
    measured: Measure, start: float, end: float, length: int, expected: tuple[float, float]
) -> None:
    environment = environment_of("reacher", "reach")
    fields = {"target_distance": np.linspace(start, end, 50, dtype=np.float32)[:, None]}
    assert measured(environment, "reach", fields, length) == pytest.approx(expected, abs=1e-4)


def test_pendulum_counts_balanced_steps(measured: Measure) -> None:
    environment, upright = environment_of("inverted_pendulum", "balance"), np.zeros((1000, 1), np.float32)
    assert measured(environment, "balance", {"pole_angle": upright}) == pytest.approx((1.0, 1.0))
    assert measured(environment, "balance", {"pole_angle": upright}, length=700) == pytest.approx((0.7, 0.7))
    leaning = np.where(np.arange(1000)[:, None] < 400, -0.19, 0.3).astype(np.float32)
    assert measured(environment, "balance", {"pole_angle": leaning}) == pytest.approx((0.4, 0.4))


def test_every_task_is_tested_here() -> None:
    tested = {*JUDGED, *((env, "forward") for env in ("hopper", "walker2d", "swimmer", "half_cheetah", "ant"))}
    tested |= {("humanoid", "run"), ("reacher", "reach"), ("inverted_pendulum", "balance")}
    tested |= {("half_cheetah", "backward")}  # test_backward_is_the_other_way
    assert tested == {(name, task) for name in pack_names() for task in task_names(load_pack(name))}


def test_backward_is_the_other_way(measured: Measure) -> None:
    environment, rollout, fields = thrown("half_cheetah", "backward", {0: -2.0}, 20)
    went = rollout.before["qpos"][0, 0, 0] - rollout.after["qpos"][-1, 0, 0]
    success, progress = measured(environment, "backward", fields)
    assert success == pytest.approx(went, abs=1e-5)
    assert progress == pytest.approx(went / 300.0, abs=1e-6)
    assert measured(environment, "forward", fields)[0] == pytest.approx(-went, abs=1e-5)


def test_references_are_stated_once() -> None:
    """The reference in task.yaml is the one that the metric's progress divides by."""
    for name in pack_names():
        for task in task_names(load_pack(name)):
            metric = load_task(load_pack(name), task).metric
            assert metric is not None
            if '"reference"' in metric.code:
                assert f'"reference": {metric.reference}' in metric.code
