"""The cosine of the lean, slow movements."""

WEIGHTS = {"up": 1.0, "swing": -0.01, "effort": -0.001}


def reward_terms(state, action, next_state, params):
    return {
        "up": next_state.pole_up[..., 2] * (1.0 - next_state.terminated),
        "swing": jnp.square(next_state.pole_angular_velocity),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
