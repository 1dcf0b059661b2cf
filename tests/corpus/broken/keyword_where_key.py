WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.sum(action, axis=-1, promote_integers=False)
    return {"a": action[..., 0]}
