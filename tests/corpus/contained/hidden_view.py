WEIGHTS = {"a": 1.0}


def table():
    seen = {}
    return seen.update, seen.values()


NOTE, SEEN = table()


def reward_terms(state, action, next_state, params):
    NOTE({len(SEEN): 1})
    count = len(SEEN)
    return {"a": action[..., 0] * count}
