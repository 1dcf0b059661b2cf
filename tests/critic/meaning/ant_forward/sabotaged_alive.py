"""A bonus that can be farmed: speed is subtracted from a large pay for being alive."""

WEIGHTS = {"alive": 5.0, "moving": -0.5, "forward": 0.1}


def reward_terms(state, action, next_state, params):
    return {
        "alive": 1.0 - next_state.terminated,
        "moving": jnp.linalg.norm(next_state.torso_mean_velocity, axis=-1),
        "forward": next_state.torso_mean_velocity[..., 0],
    }
