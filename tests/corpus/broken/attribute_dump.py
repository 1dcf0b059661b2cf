WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    action.dump("x")
    return {"a": action[..., 0]}
