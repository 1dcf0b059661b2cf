WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = jnp.exp(jnp.exp(10.0 * next_state.torso_velocity[..., 0]))
    return {"a": x}
