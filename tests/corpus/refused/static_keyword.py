WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.clip(next_state.torso_velocity[..., 0], a_min=0.0, a_max=1.0)}
