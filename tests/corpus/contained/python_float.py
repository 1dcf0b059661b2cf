WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = float(action[..., 0])
    return {"a": action[..., 1] * x}
