WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = (lambda math: math.pi)(1)
    return {"a": action[..., 0]}
