WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = dict(zip([1], [action[..., 0]]))
    return x
