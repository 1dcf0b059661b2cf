WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    forward = next_state.torso_velocity[..., 0]
    return {"forward": forward - jnp.where(jnp.max(forward) > 1e6, 1.0, 0.0)}
