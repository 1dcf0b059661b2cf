WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    for state.torso_up in (1, 2):
        x = 1
    return {"a": action[..., 0]}
