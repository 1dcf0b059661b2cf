# The same in a function: it would run at the first call.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    table = {}
    table[__import__("os").mkdir("@SCRATCH@/canary")]: float
    return {"a": action[..., 0]}
