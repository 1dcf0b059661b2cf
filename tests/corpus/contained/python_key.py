WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = {"b": 1.0}["c"]
    return {"a": action[..., 0] * x}
