WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    global WEIGHTS
    WEIGHTS = {}
    return {"a": action[..., 0]}
