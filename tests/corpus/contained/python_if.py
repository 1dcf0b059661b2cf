WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    if action[0, 0] > 0:
        x = 1.0
    else:
        x = 0.0
    return {"a": action[..., 0] * x}
