# For everybody, which Landlock does not see.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.chmod("@SCRATCH@/victim", 0o777)
    return {"a": action[..., 0]}
