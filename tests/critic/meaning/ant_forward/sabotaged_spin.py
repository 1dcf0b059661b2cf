"""A bonus that can be farmed: turning on the spot pays more than running."""

WEIGHTS = {"forward": 0.5, "gait": 1.0}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 0],
        "gait": jnp.abs(next_state.torso_angular_velocity[..., 2]),
    }
