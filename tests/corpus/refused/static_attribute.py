WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": action.__class__(1.0)}
