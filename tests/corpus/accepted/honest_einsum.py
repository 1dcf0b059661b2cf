WEIGHTS = {"alignment": 1.0, "sideways": -0.2, "lift": 0.1}
AXIS = (1.0, 0.0, 0.0)


def reward_terms(state, action, next_state, params):
    axis = jnp.array(AXIS)
    velocity = next_state.torso_velocity
    alignment = jnp.einsum("ni,i->n", velocity, axis)
    across = jnp.cross(velocity, jnp.broadcast_to(axis, velocity.shape))
    return {
        "alignment": alignment,
        "sideways": jnp.linalg.norm(across, axis=-1),
        "lift": jnp.einsum("...i,...i->...", velocity, next_state.torso_up),
    }
