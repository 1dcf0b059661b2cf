# Another program in place of this one.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.execv("/bin/sh", ["sh", "-c", ": > @SCRATCH@/canary"])
    return {"a": action[..., 0]}
