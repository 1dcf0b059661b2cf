WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    order = jnp.argsort(jnp.sin(x[:, None] * jnp.arange(1000.0)), axis=-1)
    return {"a": x + 1e-9 * order[:, 0]}
