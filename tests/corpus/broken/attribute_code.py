WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = reward_terms.func_code
    return {"a": action[..., 0]}
