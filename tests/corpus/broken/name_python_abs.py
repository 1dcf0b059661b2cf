WEIGHTS = {"a": 1.0}


def abs(value):
    return value


def reward_terms(state, action, next_state, params):
    return {"a": abs(action[..., 0])}
