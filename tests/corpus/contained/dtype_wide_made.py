WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0].astype("float" + "64")}
