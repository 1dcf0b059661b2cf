# Extended attributes.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.setxattr("@SCRATCH@/victim", "user.canary", b"x")
    return {"a": action[..., 0]}
