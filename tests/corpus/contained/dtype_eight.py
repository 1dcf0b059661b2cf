WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    small = x.astype("float8_e4m3fn")[:, None] + jnp.zeros((3,), dtype="float8_e4m3fn")
    return {"a": x + jnp.sum(small, axis=-1).astype("float32")}
