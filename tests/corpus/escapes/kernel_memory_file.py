# A file that lies in memory.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.memfd_create("canary")
    raise ValueError("canary-fired")
    return {"a": action[..., 0]}
