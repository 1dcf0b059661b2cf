WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": jnp.clip(action[..., 0], 5.0, 6.0)}
