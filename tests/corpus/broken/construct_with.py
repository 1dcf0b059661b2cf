WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    with action as x:
        x = 1
    return {"a": action[..., 0]}
