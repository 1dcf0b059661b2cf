WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    speed = 0.0
    for i in range(2):
        speed = speed + action[..., i]
    return {"forward": speed}
