WEIGHTS = {"a": 1.0}


def helper(x) -> (low := 3):
    return x


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    top = helper(speed)
    return {"a": speed}
