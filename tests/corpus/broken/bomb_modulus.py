WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = pow(3, 2147483647, 1000003)
    return {"a": action[..., 0] * x}
