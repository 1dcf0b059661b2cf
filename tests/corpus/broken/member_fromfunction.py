WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.fromfunction(abs, (3,))
    return {"a": action[..., 0]}
