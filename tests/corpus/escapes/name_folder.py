# A new folder.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.mkdir("@SCRATCH@/canary")
    return {"a": action[..., 0]}
