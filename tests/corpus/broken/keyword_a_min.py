WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.clip(action, a_min=0.0)
    return {"a": action[..., 0]}
