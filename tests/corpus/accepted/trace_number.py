WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.exp(-jnp.abs(next_state.torso_velocity[..., 0])) * math.exp(-1.0) * float(2)}
