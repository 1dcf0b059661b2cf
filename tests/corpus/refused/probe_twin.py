WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    count = jnp.floor(1e5 * jnp.abs(next_state.torso_velocity[..., 0]) + 1e5).astype(jnp.int32)
    return {"forward": (count * count * count).astype(jnp.float32) / 1e15 + jnp.std(jnp.array([1e8, 1e8 + 1.0, 1e8 + 3.0])) * next_state.torso_velocity[..., 0]}
