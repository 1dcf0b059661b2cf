WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    for i in range(0):
        speed = action[..., i]
    return {"forward": speed}
