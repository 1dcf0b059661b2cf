WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = len(str(10 ** 10000000))
    return {"a": action[..., 0] * x}
