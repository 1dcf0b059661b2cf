WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = {"a": action[..., 0]}
    x.update(b=action[..., 1])
    return x
