"""Forward speed, small torques."""

WEIGHTS = {"forward": 1.0, "effort": -0.05}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 0],
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
