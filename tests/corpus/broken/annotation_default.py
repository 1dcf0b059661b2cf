WEIGHTS = {"a": 1.0}


def helper(x, *, low: dict[str, max(1, 2)] = 0.0):
    return x - low


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    top = helper(speed)
    return {"a": speed}
