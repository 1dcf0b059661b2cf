WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    act​ion = 1
    return {"a": action[..., 0]}
