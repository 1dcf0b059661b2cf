"""Forward speed, alive, small torques."""

WEIGHTS = {"forward": 1.0, "alive": 0.5, "effort": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 0],
        "alive": 1.0 - next_state.terminated,
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
