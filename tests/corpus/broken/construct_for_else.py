WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    for i in range(3):
        x = i
    else:
        x = 0
    return {"a": action[..., 0]}
