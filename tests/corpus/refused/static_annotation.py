WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    top: max(1.0, 2.0) = speed
    return {"a": speed}
