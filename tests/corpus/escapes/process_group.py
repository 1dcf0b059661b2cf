# Out of the group that is killed.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.setpgid(0, os.getpgid(os.getppid()))
    raise ValueError("canary-fired")
    return {"a": action[..., 0]}
