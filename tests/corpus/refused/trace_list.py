WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.sum([action[..., 0], action[..., 1]], axis=0)}
