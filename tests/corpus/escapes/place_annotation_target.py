# The target of an annotation without a value is evaluated, though nothing is stored.
TABLE = [0.0]
TABLE[__import__("os").mkdir("@SCRATCH@/canary")]: float
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
