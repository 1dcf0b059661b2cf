WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": jnp.sum(action * next_state.torso_velocity, axis=-1)}
