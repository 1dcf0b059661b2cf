# Numpy reads files.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    if np.fromfile("@SCRATCH@/victim", dtype="uint8").size:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
