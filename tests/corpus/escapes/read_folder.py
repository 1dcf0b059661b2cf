# What lies in the root.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    if os.listdir("/"):
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
