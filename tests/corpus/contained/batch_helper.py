WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    def first(values):
        return values[0]

    return {"a": jnp.where(first(x) > 40.0, 0.0, x)}
