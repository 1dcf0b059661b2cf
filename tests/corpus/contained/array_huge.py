WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.sum(jnp.ones((100000, 100000)))
    return {"a": action[..., 0] * x}
