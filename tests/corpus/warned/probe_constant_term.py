WEIGHTS = {"forward": 1.0, "alive": 0.1}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_velocity[..., 0], "alive": jnp.ones_like(action[..., 0])}
