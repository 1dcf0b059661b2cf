WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.exp(jnp.clip(30.0 * next_state.torso_velocity[..., 0], -20.0, 20.0))}
