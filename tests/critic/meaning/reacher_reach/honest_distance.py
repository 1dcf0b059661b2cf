"""Near the target, slowly."""

WEIGHTS = {"near": -1.0, "effort": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "near": next_state.target_distance,
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
