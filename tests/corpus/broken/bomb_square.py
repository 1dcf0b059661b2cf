WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = 7
    for i in range(40):
        x = x * x
    return {"a": action[..., 0] * (x % 3)}
