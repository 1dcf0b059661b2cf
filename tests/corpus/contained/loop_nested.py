WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = sum(i * j * k for i in range(100) for j in range(100) for k in range(100))
    return {"a": action[..., 0] * x}
