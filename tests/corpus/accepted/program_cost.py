WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.sum(action[..., :, None] * action[..., None, :], axis=(-2, -1))}
