# A symbolic link.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.symlink("/", "@SCRATCH@/canary")
    return {"a": action[..., 0]}
