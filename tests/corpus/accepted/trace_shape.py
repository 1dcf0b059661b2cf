WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.full_like(action[..., 0], 0.5) + next_state.torso_velocity[..., 0]}
