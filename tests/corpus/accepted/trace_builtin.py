WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": jnp.maximum(next_state.torso_velocity[..., 0], 0.0) + sum([action[..., i] for i in range(6)]) / max(6, 1)}
