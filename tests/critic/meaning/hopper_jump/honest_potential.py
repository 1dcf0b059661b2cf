"""Height as income, energy as a potential."""

WEIGHTS = {"height": 2.0, "alive": 0.2}
PARAMS = {"standing": 1.25, "gravity": 9.81}


def reward_terms(state, action, next_state, params):
    return {
        "height": jnp.clip(next_state.torso_position[..., 2] - params["standing"], 0.0, 2.0),
        "alive": 1.0 - next_state.terminated,
    }


def potential(state, params):
    rise = jnp.maximum(state.torso_position[..., 2] - params["standing"], 0.0)
    speed = jnp.maximum(state.torso_velocity[..., 2], 0.0)
    return 0.5 * (params["gravity"] * rise + 0.5 * jnp.square(speed))
