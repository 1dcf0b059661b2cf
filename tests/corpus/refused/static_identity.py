WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    first, second = action[..., 0], action[..., 0]
    return {"a": first if first is second else -first}
