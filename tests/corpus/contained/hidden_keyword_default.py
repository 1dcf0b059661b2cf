WEIGHTS = {"a": 1.0}
calls = lambda *, seen=[]: [seen.append(1), len(seen)]


def reward_terms(state, action, next_state, params):
    count = calls()[1]
    return {"a": action[..., 0] * count}
