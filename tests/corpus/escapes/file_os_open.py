# Descriptors of the operating system.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.close(os.open("@SCRATCH@/canary", os.O_CREAT | os.O_WRONLY))
    return {"a": action[..., 0]}
