WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    next_state.torso_up = action
    return {"a": action[..., 0]}
