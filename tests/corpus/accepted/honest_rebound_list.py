WEIGHTS = {"a": 1.0}


def calls(seen=[]):
    seen += [1]
    return len(seen)


def reward_terms(state, action, next_state, params):
    count = calls()
    return {"a": action[..., 0] * count}
