WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.tile(action, (1, 200000))
    return {"a": jnp.sum(x, axis=-1)}
