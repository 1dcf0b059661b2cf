"""The wrong sign: lean is paid."""

WEIGHTS = {"lean": 1.0, "effort": -0.01}


def reward_terms(state, action, next_state, params):
    return {
        "lean": jnp.abs(next_state.pole_angle),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
