# Older than it is, which Landlock does not see.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.utime("@SCRATCH@/victim", (1, 1))
    return {"a": action[..., 0]}
