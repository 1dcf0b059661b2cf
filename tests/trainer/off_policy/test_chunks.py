"""A chunk of steps on its way to the other learners."""

from __future__ import annotations

import numpy as np

from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.stepping import make_environments
from autoreward.trainer.off_policy.chunks import STEPS, join_chunks, pack_chunk, unpack_chunks
from autoreward.trainer.population.rollout import PopulationRollout


def test_a_chunk_arrives_as_it_was_by_the_name_of_its_candidate() -> None:
    env, rng = make_environments(load_pack("inverted_pendulum"), 2), np.random.default_rng(0)
    env.reset(draw_noise(rng, 2, env.noise_size))
    steps = env.new_rollout(3)
    for t in range(3):
        env.step(draw_actions(rng, env.actions, 2), steps, t, draw_noise(rng, 2, env.noise_size))
    env.finish(steps)
    action = steps.action[:, None]
    sent = PopulationRollout(steps, action, np.zeros_like(action), env.fields(steps, False), env.fields(steps, True))
    (name, came), *others = unpack_chunks(join_chunks({"a/b.py": pack_chunk(sent)})).items()
    assert name == "a/b.py" and not others
    for step in STEPS:
        np.testing.assert_array_equal(getattr(came.steps, step), getattr(sent.steps, step))
    assert came.state.keys() == sent.state.keys() and came.next_state.keys() == sent.next_state.keys()
    for field, array in sent.next_state.items():
        np.testing.assert_array_equal(came.next_state[field], array)
    np.testing.assert_array_equal(came.action, action)
