WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = getattr(state, "torso_up")
    return {"a": action[..., 0]}
