WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = action.__class__
    return {"a": action[..., 0]}
