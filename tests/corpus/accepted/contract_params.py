WEIGHTS = {"forward": 1.0}
PARAMS = {"width": 0.5, "speed": 2}


def reward_terms(state, action, next_state, params):
    width = params["width"]
    return {"forward": jnp.exp(-jnp.square(next_state.torso_velocity[..., 0] - params["speed"]) / width)}
