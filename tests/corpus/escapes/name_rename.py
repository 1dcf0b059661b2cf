# Another name.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.rename("@SCRATCH@/victim", "@SCRATCH@/canary")
    return {"a": action[..., 0]}
