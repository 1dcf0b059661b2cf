"""Gymnasium's HalfCheetah-v5 reward with the sign of the velocity turned; Gymnasium itself has no such task."""

WEIGHTS = {"backward": 1.0, "control": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "backward": -next_state.torso_mean_velocity[..., 0],
        "control": jnp.sum(jnp.square(action), axis=-1),
    }
