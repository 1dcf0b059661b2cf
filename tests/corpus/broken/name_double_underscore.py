WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = __builtins__
    return {"a": action[..., 0]}
