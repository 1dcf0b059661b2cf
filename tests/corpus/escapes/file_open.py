# The plain way to a file.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    open("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
