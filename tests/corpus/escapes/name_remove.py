# No name.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.unlink("@SCRATCH@/victim")
    return {"a": action[..., 0]}
