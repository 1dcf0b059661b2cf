WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    assert action.shape[0] > 1
    return {"a": action[..., 0]}
