BASE = 10
DIGITS = 4 * BASE**7
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0] * (BASE**DIGITS % 7)}
