WEIGHTS = {"a": 1e-50}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
