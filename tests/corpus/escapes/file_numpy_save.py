# Numpy writes files.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    np.save("@SCRATCH@/canary.npy", [1.0])
    return {"a": action[..., 0]}
