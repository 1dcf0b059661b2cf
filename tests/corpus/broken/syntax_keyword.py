WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    lambda = action[..., 0]
    return {"a": action[..., 0]}
