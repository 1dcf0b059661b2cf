# A pipe from a shell.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    if os.popen("echo canary").read():
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
