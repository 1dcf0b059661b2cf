WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = list(range(1000)) * 10000
    for i in range(1000):
        x = sorted(x + [i])
    return {"a": action[..., 0] * len(x)}
