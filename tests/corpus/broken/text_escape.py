WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    # ]0;owned
    return {"a": action[..., 0]}
