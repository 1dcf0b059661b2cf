WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    WEIGHTS.update(a=100.0)
    return {"a": action[..., 0]}
