"""Writes the trajectories beside this file: for each task judged by yes or no, one that succeeds and two near misses.

Robots are thrown by their initial velocity, or driven by simple joint controllers with random settings; of many
attempts those are kept that the metric's meaning, worked out here with numpy, calls a success or a near miss.
Each file holds qpos and qvel `[1 + T, n]` of every case, row 0 being the state after the reset. Run it again only
where a metric's meaning changes:

    python tests/data/make_trajectories.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autoreward.environment.pack import Noise, Pack, load_pack
from autoreward.environment.random_rollout import draw_noise
from autoreward.environment.task import pack_for_task
from autoreward.environment.vector_env import Rollout, VectorEnv

Array = Any
Controller = Callable[[int, Array, Array], Array]  # step, qpos [N, nq], qvel [N, nv] -> action [N, A]
Reset = Callable[[Any, Any, Noise], tuple[Array, Array]]

HERE = Path(__file__).parent
SEED = 2
ANKLES_DOWN = np.array([1.0, -1.0, -1.0, 1.0])  # sign of each ankle's downward bend
ACTUATOR_ORDER = [6, 7, 0, 1, 2, 3, 4, 5]  # of ant's joints


def main() -> None:
    """Make all files."""
    for name, sign in (("front_flip", 1.0), ("back_flip", -1.0)):
        store(f"hopper_{name}", *flips(sign))
    store("ant_lie_down", *lying())
    store("ant_wave_leg", *waves())


def play(pack: Pack, attempts: int, steps: int, controller: Controller) -> tuple[Rollout, dict[str, Array]]:
    """Play `attempts` episodes; returns the rollout and the fields `[T, N, ...]` of next_state."""
    env = VectorEnv(pack, attempts, horizon=steps + 1)
    rng = np.random.default_rng(SEED)
    env.reset(draw_noise(rng, attempts, env.noise_size))
    rollout = env.new_rollout(steps)
    for t in range(steps):
        arrays = env._simulation.arrays()
        action = np.clip(controller(t, arrays["qpos"], arrays["qvel"]), -1.0, 1.0).astype(np.float32)
        env.step(action, rollout, t, draw_noise(rng, attempts, env.noise_size))
    env.finish(rollout)
    return rollout, env.fields(rollout, after=True)


def store(name: str, rollout: Rollout, cases: dict[str, Array]) -> None:
    """Write the first attempt of each case; a case is a mask `[N]` over the attempts."""
    arrays = {}
    for case, found in cases.items():
        column = int(np.flatnonzero(found & ~rollout.ended.any(axis=0))[0])
        for array in ("qpos", "qvel"):
            rows = np.concatenate([rollout.before[array][:1, column], rollout.after[array][:, column]])
            arrays[f"{case}/{array}"] = rows.astype(np.float32)
    np.savez_compressed(HERE / f"{name}.npz", **arrays)
    print(name, {case: int(found.sum()) for case, found in cases.items()})


def flips(sign: float, attempts: int = 2048, steps: int = 350) -> tuple[Rollout, dict[str, Array]]:
    """Hoppers thrown up and turning; +1 turns forward. They bend while they fly, then stretch and balance."""
    rng = np.random.default_rng(SEED)
    speed = np.stack([rng.uniform(-2, 2, attempts), rng.uniform(3, 6, attempts), sign * rng.uniform(3, 12, attempts)])
    bent = rng.uniform([-1.2, -1.5, -0.6], [0.0, 0.0, 0.6], (attempts, 3))
    straight = rng.uniform([-0.6, -0.9, -0.6], [0.0, 0.0, 0.6], (attempts, 3))
    stretch_at = rng.integers(20, 140, (attempts, 1))
    stiffness, damping = rng.uniform(0.5, 4, (attempts, 1)), rng.uniform(0.02, 0.3, (attempts, 1))
    by_lean, by_rate = rng.uniform(-3, 3, (attempts, 3)), rng.uniform(-0.6, 0.6, (attempts, 3))

    def thrown(xp: Any, start: Any, noise: Noise) -> tuple[Array, Array]:
        qpos, qvel = np.tile(start.qpos, (attempts, 1)), np.zeros((attempts, 6))
        qpos[:, 3:], qvel[:, 0:3] = straight, speed.T
        return qpos, qvel

    def balance(t: int, qpos: Array, qvel: Array) -> Array:
        lean = qpos[:, 2:3] - sign * 2 * np.pi
        target = np.where((t > 5) & (t < stretch_at), bent, straight)
        hold = stiffness * (target - qpos[:, 3:]) - damping * qvel[:, 3:]
        return hold + np.where(np.abs(lean) < 0.6, by_lean * lean + by_rate * qvel[:, 2:3], 0.0)

    pack = pack_for_task(load_pack("hopper"), "front_flip")
    rollout, fields = play(replace(pack, reset=thrown), attempts, steps, balance)
    turned = sign * fields["torso_pitch"]
    after = (np.cumsum(turned >= 2 * np.pi, axis=0) > 0) & (turned > np.pi)
    held = np.where(after, fields["upright_time"], 0.0).max(axis=0)
    longest = np.where(turned > np.pi, fields["upright_time"], 0.0).max(axis=0)
    return rollout, {
        "success": held > 0.6,
        "held_too_short": (held > 0.3) & (held < 0.45),
        "turned_too_little": (turned.max(axis=0) < 2 * np.pi - 0.05) & (longest > 0.3),
    }


def lying(attempts: int = 512, steps: int = 200) -> tuple[Rollout, dict[str, Array]]:
    """Ants thrown about for 6 s, then slack, or struggling on where their number is odd."""
    actions = np.random.default_rng(SEED).uniform(-1, 1, (steps, attempts, 8))
    struggling = np.arange(attempts) % 2 == 1

    def push(t: int, qpos: Array, qvel: Array) -> Array:
        return np.where(struggling[:, None], 0.3, 0.0) * actions[t // 3] if t >= 120 else actions[t // 3]

    rollout, fields = play(pack_for_task(load_pack("ant"), "lie_down"), attempts, steps, push)
    height = fields["torso_position"][-40:, :, 2]
    speed = np.linalg.norm(fields["torso_velocity"], axis=-1)[-40:]
    still = speed.max(axis=0) < 0.09
    return rollout, {
        "success": still & (height.max(axis=0) < 0.29),
        "still_but_on_its_feet": still & (height.min(axis=0) > 0.375),
        "low_but_moving": (height.max(axis=0) < 0.29) & (speed.max(axis=0) > 0.2),
    }


def waves(attempts: int = 1024, steps: int = 200) -> tuple[Rollout, dict[str, Array]]:
    """Ants that stand in a random pose and bend one front ankle up and down from 1 s on."""
    rng = np.random.default_rng(SEED)
    hips, ankles = rng.uniform(-0.6, 0.6, (attempts, 4)), rng.uniform(0.5, 1.3, (attempts, 4))
    low, high = rng.uniform(0.5, 1.4, attempts), rng.uniform(-0.2, 0.6, attempts)
    period = rng.integers(6, 24, attempts)
    stiffness, damping = rng.uniform(0.3, 4, (attempts, 1)), rng.uniform(0.02, 0.3, (attempts, 1))

    def wave(t: int, qpos: Array, qvel: Array) -> Array:
        target = np.stack([hips, ankles * ANKLES_DOWN], axis=-1).reshape(attempts, 8)
        if t > 20:
            target[:, 1] = np.where(t % period < period / 2, high, low)
        return (stiffness * (target - qpos[:, 7:]) - damping * qvel[:, 6:])[:, ACTUATOR_ORDER]

    rollout, fields = play(pack_for_task(load_pack("ant"), "wave_leg"), attempts, steps, wave)
    new = np.diff(fields["foot_turns"][..., :2], axis=0, prepend=0.0)
    changes = np.where(fields["foot_turn_height"][..., :2] > 0.3, new, 0.0).sum(axis=0).max(axis=-1)
    every = fields["foot_turns"][-1, :, 0]
    drift = np.linalg.norm(fields["torso_drift"], axis=-1).max(axis=0)
    upright = fields["torso_up"][..., 2].min(axis=0) > 0.6
    return rollout, {
        "success": upright & (changes >= 6) & (drift < 0.1),
        "waves_too_low": upright & (changes == 2) & (every >= 6) & (drift < 0.2),
        "drifts_away": upright & (changes >= 6) & (drift > 0.55) & (drift < 0.7),
    }


if __name__ == "__main__":
    main()
