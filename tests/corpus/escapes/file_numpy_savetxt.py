# Numpy writes text files.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    np.savetxt("@SCRATCH@/canary", [1.0])
    return {"a": action[..., 0]}
