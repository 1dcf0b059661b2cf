# A signal.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.kill(@VICTIM@, 9)
    return {"a": action[..., 0]}
