WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = (lambda __x: 1)(1)
    return {"a": action[..., 0]}
