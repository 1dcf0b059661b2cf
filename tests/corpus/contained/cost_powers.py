WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    many = jnp.abs(x[:, None] * jnp.arange(2000.0)) ** 1.7
    return {"a": x + jnp.sum(many ** 0.3, axis=-1)}
