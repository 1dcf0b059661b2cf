WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    total = 0.0
    for i in range(100):
        total = total + 0.01 * action[..., i % 6]
    return {"forward": total}
