WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.take(action[..., 0], jnp.zeros(1, dtype=jnp.int32), axis=0)
    return {"a": action[..., 0] - x}
