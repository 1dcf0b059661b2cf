WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = action @ jnp.ones((6, 50000)) @ jnp.ones((50000, 6))
    return {"a": jnp.sum(x, axis=-1)}
