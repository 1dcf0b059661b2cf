WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = [1] * 10000000
    y = [sum(x) for i in [0] * 10000]
    return {"a": action[..., 0] * len(y)}
