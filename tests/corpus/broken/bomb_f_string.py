WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = f"{1:2000000000}"
    return {"a": action[..., 0] * len(x)}
