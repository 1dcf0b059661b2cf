CALLS = []


WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    calls = CALLS
    calls.append(1)
    return {"a": action[..., 0] * len(CALLS)}
