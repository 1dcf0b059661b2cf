"""Forward, not sideways, upright."""

WEIGHTS = {"forward": 2.0, "aside": -0.5, "upright": 0.3}


def reward_terms(state, action, next_state, params):
    velocity = next_state.torso_mean_velocity
    return {
        "forward": velocity[..., 0],
        "aside": jnp.abs(velocity[..., 1]),
        "upright": next_state.torso_up[..., 2],
    }
