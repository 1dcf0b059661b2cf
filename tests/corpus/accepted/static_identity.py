WEIGHTS = {"a": 1.0}


def scaled(value, scale=None):
    return value if scale is None else scale * value


def reward_terms(state, action, next_state, params):
    return {"a": scaled(action[..., 0], 2.0) + scaled(action[..., 1])}
