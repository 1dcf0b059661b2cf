WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    sorted_once = jnp.sort(jnp.cos(jnp.arange(300000.0)))
    return {"a": x + 1e-9 * sorted_once[5]}
