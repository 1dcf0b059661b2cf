WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = vars(state)
    return {"a": action[..., 0]}
