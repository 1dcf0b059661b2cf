WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    merged = jnp.reshape(action, (action.shape[0] * 6,))
    return {"a": x + 0.0 * jnp.sort(merged)[0]}
