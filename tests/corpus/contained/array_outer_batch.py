WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = action[:, None, 0] * action[None, :, 0]
    return {"a": jnp.sum(x, axis=-1)}
