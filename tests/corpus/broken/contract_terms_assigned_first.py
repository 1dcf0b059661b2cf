reward_terms = lambda state, action, next_state, params: {"a": action[..., 1]}
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
