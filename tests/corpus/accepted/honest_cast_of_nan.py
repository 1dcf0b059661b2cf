WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    undefined = jnp.clip(jnp.sqrt(-1.0 - jnp.square(speed)), 0.0, 5.0).astype(jnp.int32)
    return {"forward": speed + undefined.astype(jnp.float32)}
