WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.apply_along_axis(abs, 0, action)
    return {"a": action[..., 0]}
