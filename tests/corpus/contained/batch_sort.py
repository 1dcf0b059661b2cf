WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.sort(action[..., 0], axis=0)
    return {"a": x}
