WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    total = 0.0
    for i in range(1000000):
        total = total + action[..., i % 6]
    return {"forward": total}
