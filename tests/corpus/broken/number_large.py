WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = 10000000000000
    return {"a": action[..., 0]}
