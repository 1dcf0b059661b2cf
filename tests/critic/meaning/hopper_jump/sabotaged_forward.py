"""Another task: forward speed is paid more than any jump."""

WEIGHTS = {"forward": 1.0, "height": 0.2}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 0],
        "height": jnp.maximum(next_state.torso_position[..., 2] - 1.25, 0.0),
    }
