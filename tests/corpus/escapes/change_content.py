# Shorter than before.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.truncate("@SCRATCH@/victim", 0)
    return {"a": action[..., 0]}
