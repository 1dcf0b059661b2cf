SCALE = 2.0
WEIGHTS = {"a": SCALE * 2.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
