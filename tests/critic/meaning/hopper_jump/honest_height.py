"""Height of the torso above standing, and staying up."""

WEIGHTS = {"height": 3.0, "alive": 0.5}
PARAMS = {"standing": 1.25}


def reward_terms(state, action, next_state, params):
    return {
        "height": jnp.maximum(next_state.torso_position[..., 2] - params["standing"], 0.0),
        "alive": 1.0 - next_state.terminated,
    }
