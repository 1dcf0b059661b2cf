WEIGHTS = {"effort": -0.01}
PARAMS = {"sharpness": 2.0}


def reward_terms(state, action, next_state, params):
    return {"effort": jnp.sum(action * action, axis=-1)}


def potential(state, params):
    distance = jnp.linalg.norm(state.goal_offset, axis=-1)
    return jnp.exp(-params["sharpness"] * distance) - distance
