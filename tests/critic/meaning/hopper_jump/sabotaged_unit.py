"""The wrong unit: the height that is wanted is in centimetres, the field in metres."""

WEIGHTS = {"height": 1.0, "alive": 0.2}
PARAMS = {"wanted": 0.9}


def reward_terms(state, action, next_state, params):
    return {
        "height": jnp.exp(-jnp.abs(next_state.torso_position[..., 2] - params["wanted"]) / 10.0),
        "alive": 1.0 - next_state.terminated,
    }
