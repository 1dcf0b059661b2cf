WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    name = "never closed
    return {"a": action[..., 0]}
