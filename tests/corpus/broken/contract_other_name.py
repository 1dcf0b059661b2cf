WEIGHTS = {"a": 1.0}


def compute_reward(state, action, next_state, params):
    return {"a": action[..., 0]}
