WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    for np in (1, 2):
        x = np
    return {"a": action[..., 0]}
