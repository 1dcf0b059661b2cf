WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    side = jnp.cross(next_state.torso_up, next_state.torso_velocity)
    energy = jnp.einsum("ni,ni->n", action, action)
    return {"forward": jnp.linalg.norm(side, axis=-1) - 0.1 * energy}
