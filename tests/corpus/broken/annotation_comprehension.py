WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    top: [i for i in range(3)] = speed
    return {"a": speed}
