WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.log(jnp.maximum(next_state.torso_up[..., 2], 1e-6)) + jnp.sqrt(next_state.torso_height)}
