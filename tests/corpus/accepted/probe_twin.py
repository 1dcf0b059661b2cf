WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.take(action, jnp.array([1, 2]), axis=-1).sum(axis=-1)}
