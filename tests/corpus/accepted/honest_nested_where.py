WEIGHTS = {"zone": 1.0, "speed": 0.1}


def reward_terms(state, action, next_state, params):
    height = next_state.torso_height
    zone = jnp.where(height > 0.8, 1.0, jnp.where(height > 0.5, 0.5, jnp.where(height > 0.2, 0.1, 0.0)))
    choice = jnp.select([zone > 0.9, zone > 0.4], [2.0 * zone, zone], 0.0)
    return {"zone": choice, "speed": jnp.tanh(next_state.torso_velocity[..., 0])}
