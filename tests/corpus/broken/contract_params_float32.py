WEIGHTS = {"a": 1.0}
PARAMS = {"low": -4e38}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
