WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = np.frompyfunc(abs, 1, 1)
    return {"a": action[..., 0]}
