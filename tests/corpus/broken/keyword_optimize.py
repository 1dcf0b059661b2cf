WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.einsum("ij,ij->i", action, action, optimize=True)
    return {"a": action[..., 0]}
