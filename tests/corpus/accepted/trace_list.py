WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    pair = jnp.stack([action[..., 0], action[..., 1]], axis=-1)
    return {"forward": jnp.sum(pair, axis=-1)}
