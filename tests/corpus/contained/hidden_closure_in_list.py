WEIGHTS = {"a": 1.0}


def counter():
    seen = {}
    return [lambda: [seen.update({len(seen): 1}), len(seen)]]


CALLS = {"first": counter()}


def reward_terms(state, action, next_state, params):
    count = CALLS["first"][0]()[1]
    return {"a": action[..., 0] * count}
