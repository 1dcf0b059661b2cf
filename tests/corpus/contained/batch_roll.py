WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = action[..., 0] - jnp.roll(action[..., 0], 1)
    return {"a": x}
