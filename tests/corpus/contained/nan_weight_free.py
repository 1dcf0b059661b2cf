WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.inf - jnp.inf
    return {"a": action[..., 0] * x}
