"""Upright and alive."""

WEIGHTS = {"alive": 1.0, "lean": -2.0}


def reward_terms(state, action, next_state, params):
    return {
        "alive": 1.0 - next_state.terminated,
        "lean": jnp.square(next_state.pole_angle),
    }
