WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.goal_offset[..., 0] * 0.0 / (jnp.floor(next_state.torso_velocity[..., 0]) + 0.0)
    return {"a": x}
