"""Gymnasium's Hopper-v5: alive, mean forward velocity, minus 0.001 times the squared action."""

WEIGHTS = {"alive": 1.0, "forward": 1.0, "control": -0.001}


def reward_terms(state, action, next_state, params):
    return {
        "alive": 1.0 - next_state.terminated,
        "forward": next_state.torso_mean_velocity[..., 0],
        "control": jnp.sum(jnp.square(action), axis=-1),
    }
