WEIGHTS = {"a": 1.0}
PARAMS = {"low": 1.0}
PARAMS = LOW = {"low": 2.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
