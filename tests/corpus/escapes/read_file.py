# A file of the user.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    if "treasure" in open("@SCRATCH@/victim").read():
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
