# An array that is a file.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    np.memmap("@SCRATCH@/canary", mode="w+", shape=(3,))
    return {"a": action[..., 0]}
