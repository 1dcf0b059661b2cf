"""One for each step in which it stands."""

WEIGHTS = {"alive": 1.0, "effort": -0.01}


def reward_terms(state, action, next_state, params):
    return {
        "alive": 1.0 - next_state.terminated,
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
