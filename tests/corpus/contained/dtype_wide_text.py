WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": next_state.torso_velocity.astype("float64")[..., 0]}
