"""Time alive counted as jumping."""

WEIGHTS = {"jump": 1.0, "effort": -0.001}


def reward_terms(state, action, next_state, params):
    return {
        "jump": 1.0 - next_state.terminated,
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
