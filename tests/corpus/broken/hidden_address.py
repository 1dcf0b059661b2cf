WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = int(str(reward_terms)[-6:-1], 16)
    return {"a": action[..., 0] * x}
