WEIGHTS = {"a": 1.0}


def helper(*values: [print]):
    return values[0]


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    top = helper(speed)
    return {"a": speed}
