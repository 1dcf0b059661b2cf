# A method of arrays writes files.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    np.zeros(3).tofile("@SCRATCH@/canary")
    return {"a": action[..., 0]}
