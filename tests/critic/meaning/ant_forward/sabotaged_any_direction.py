"""The wrong axis: speed in any direction."""

WEIGHTS = {"speed": 1.0, "effort": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "speed": jnp.linalg.norm(next_state.torso_mean_velocity[..., 0:2], axis=-1),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
