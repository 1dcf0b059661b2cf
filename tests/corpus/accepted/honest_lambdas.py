bell = lambda x, width: jnp.exp(-jnp.square(x / width))
WEIGHTS = {"speed": 1.0, "height": 0.5}
PARAMS = {"width": 0.5}


def reward_terms(state, action, next_state, params):
    clipped = lambda x: jnp.clip(x, -2.0, 2.0)
    return {
        "speed": bell(clipped(next_state.torso_velocity[..., 0]) - 1.0, params["width"]),
        "height": bell(next_state.torso_height - 1.0, 0.2),
    }
