WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = math.factorial(100000)
    return {"a": action[..., 0]}
