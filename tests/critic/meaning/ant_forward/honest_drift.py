"""How far a step gets from the start along x."""

WEIGHTS = {"distance": 20.0, "turning": -0.05}


def reward_terms(state, action, next_state, params):
    return {
        "distance": next_state.torso_drift[..., 0] - state.torso_drift[..., 0],
        "turning": jnp.sum(jnp.square(next_state.torso_angular_velocity), axis=-1),
    }
