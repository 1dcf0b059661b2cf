# What others have imported.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import sys
    sys.modules["os"].mkdir("@SCRATCH@/canary")
    return {"a": action[..., 0]}
