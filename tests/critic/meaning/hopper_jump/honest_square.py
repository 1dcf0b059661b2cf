"""Height beyond standing, squared, and upward speed on the ground."""

WEIGHTS = {"height": 6.0, "push": 0.2, "alive": 0.3}
PARAMS = {"standing": 1.25}


def reward_terms(state, action, next_state, params):
    rise = jnp.maximum(next_state.torso_position[..., 2] - params["standing"], 0.0)
    return {
        "height": jnp.square(rise),
        "push": jnp.maximum(next_state.torso_velocity[..., 2], 0.0),
        "alive": 1.0 - next_state.terminated,
    }
