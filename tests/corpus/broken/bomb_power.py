WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = 3
    for i in range(30):
        x **= 9
    return {"a": action[..., 0] * (x % 3)}
