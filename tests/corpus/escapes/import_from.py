# Import of a name.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    from os import mkdir as make
    make("@SCRATCH@/canary")
    return {"a": action[..., 0]}
