WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    return {"forward": jnp.where((speed > 0.0) & (speed < 2.0), speed, jnp.where(speed > 0.0, 2.0, -1.0))}
