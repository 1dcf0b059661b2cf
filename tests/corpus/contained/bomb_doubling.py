WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = [1.0]
    for i in range(60):
        x = x + x
    return {"a": action[..., 0] * x[0]}
