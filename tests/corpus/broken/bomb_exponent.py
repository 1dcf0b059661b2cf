WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = 9 ** 9 ** 9
    y = x % 7
    return {"a": action[..., 0] * y}
