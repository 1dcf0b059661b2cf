WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    def positive(x):
        return jnp.maximum(x, 0.0)
    return {"forward": positive(next_state.torso_velocity[..., 0])}
