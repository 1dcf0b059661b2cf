WEIGHTS = {"a": 1.0}


def calls(seen=({},)):
    kept = seen[0]
    kept.update({len(kept): 1})
    return len(kept)


def reward_terms(state, action, next_state, params):
    count = calls()
    return {"a": action[..., 0] * count}
