WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = {i for i in (1, 2)}
    return {"a": action[..., 0]}
