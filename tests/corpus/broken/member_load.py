WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = np.load("x.npy")
    return {"a": action[..., 0]}
