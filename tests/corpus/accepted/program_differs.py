WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    step = jnp.clip(action[..., 0:1] * 3.0, 0.0, 5.0).astype(jnp.int32)
    chosen = jnp.take_along_axis(action, step, axis=-1)[..., 0]
    return {"forward": next_state.torso_velocity[..., 0] + 0.1 * chosen + jnp.sum(action > 0.0, axis=-1) // 2}
