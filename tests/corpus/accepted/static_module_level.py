"""Docstring."""

SCALE = 0.5
AXES = (0, 1)
UP = jnp.array([0.0, 0.0, 1.0])
HALF = SCALE / 2.0

WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.sum(next_state.torso_up * UP, axis=-1) * HALF + next_state.torso_velocity[..., AXES[0]]}
