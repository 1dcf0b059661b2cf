# The object whose attribute is annotated.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    (__import__("os").mkdir("@SCRATCH@/canary") or action).shape: float
    return {"a": action[..., 0]}
