WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = []
    for i in range(200000):
        x = [x]
    return {"a": action[..., 0] * len(x)}
