WEIGHTS = {"a": 1.0}
KEEP = (1.0, ([],))


def reward_terms(state, action, next_state, params):
    kept = KEEP[1][0]
    kept.append(1)
    count = len(kept)
    return {"a": action[..., 0] * count}
