WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.sum(next_state.torso_up * action, axis=-1)}
