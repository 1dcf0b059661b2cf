WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    sums = [0.0]
    sums[len(sums) - 1]: float = 1.0
    return {"a": speed}
