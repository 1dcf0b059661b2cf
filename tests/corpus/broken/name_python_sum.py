WEIGHTS = {"a": 1.0}


def sum(value, *others):
    return 0.0


def reward_terms(state, action, next_state, params):
    count = 1.0
    return {"a": action[..., 0] * count}
