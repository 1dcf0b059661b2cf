WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = [1]
    for i in x:
        x.append(i)
    return {"a": action[..., 0] * len(x)}
