WEIGHTS = {"a": 1.0}
KEEP = [[]]


def reward_terms(state, action, next_state, params):
    for kept in KEEP:
        kept += [1]
    count = len(KEEP[0])
    return {"a": action[..., 0] * count}
