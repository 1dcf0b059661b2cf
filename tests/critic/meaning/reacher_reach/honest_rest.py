"""Near, and at rest where it is near."""

WEIGHTS = {"near": -5.0, "rest": -0.002}


def reward_terms(state, action, next_state, params):
    close = jnp.exp(-jnp.square(next_state.target_distance / 0.05))
    return {
        "near": next_state.target_distance,
        "rest": close * jnp.sum(jnp.square(next_state.joint_velocity), axis=-1),
    }
