WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.where(next_state.torso_velocity[..., 0] > 3.2, 1.0, 0.0)}
