WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = "{0.__class__}".format(action)
    return {"a": action[..., 0]}
