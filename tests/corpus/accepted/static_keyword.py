WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    def scaled(value, scale=1.0):
        return value * scale
    return {"forward": jnp.clip(scaled(value=next_state.torso_velocity[..., 0], scale=2.0), -1.0, 1.0) + jnp.mean(action, axis=-1, keepdims=False)}
