WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.add(action, action, out=action)
    return {"a": action[..., 0]}
