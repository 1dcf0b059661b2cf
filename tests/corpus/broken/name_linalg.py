WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    module = jnp.linalg
    return {"a": action[..., 0]}
