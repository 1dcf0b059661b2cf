WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    gram = jnp.einsum("ni,nj->ij", action, action)
    return {"a": x + jnp.where(gram[0, 0] > 1e9, 1.0, 0.0)}
