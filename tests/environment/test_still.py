"""A pack in which no time passes has the shapes of the real one."""

from __future__ import annotations

import numpy as np

from autoreward.environment.pack import load_pack, stop_time
from autoreward.environment.random_rollout import draw_noise
from autoreward.environment.vector_env import VectorEnv


def test_a_step_moves_nothing_and_is_recorded_like_any_other() -> None:
    pack = load_pack("half_cheetah")
    made = []
    for env in (VectorEnv(stop_time(pack), 3), VectorEnv(pack, 3)):
        rng = np.random.default_rng(0)
        env.reset(draw_noise(rng, 3, env.noise_size))
        rollout = env.new_rollout(2)
        for t in range(2):
            env.step(np.ones((3, 6), np.float32), rollout, t, draw_noise(rng, 3, env.noise_size))
        env.finish(rollout)
        made.append((rollout, env.fields(rollout, after=True)))
    (still, still_fields), (real, fields) = made
    np.testing.assert_array_equal(still.after["qpos"], still.before["qpos"])
    np.testing.assert_array_equal(still.before["qpos"][0], real.before["qpos"][0])
    assert (real.after["qpos"] != real.before["qpos"]).any()
    assert {name: array.shape for name, array in still_fields.items()} == {n: a.shape for n, a in fields.items()}
    assert still.elapsed.tolist() == real.elapsed.tolist()
