WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = action
    x += 1.0
    return {"a": x[..., 0]}
