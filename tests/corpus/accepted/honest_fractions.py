"""Guarded divisions, logarithms and roots."""
WEIGHTS = {"ratio": 1.0, "log": 0.1, "root": 0.1}
SMALL = 1e-6


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity
    ratio = speed[..., 0] / (jnp.abs(speed).sum(axis=-1) + SMALL)
    log = jnp.log1p(jnp.abs(speed[..., 1]))
    root = jnp.sqrt(jnp.maximum(next_state.torso_height, SMALL))
    return {"ratio": ratio, "log": log, "root": root}
