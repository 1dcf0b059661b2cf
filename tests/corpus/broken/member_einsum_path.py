WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = np.einsum_path("i,i", action, action)
    return {"a": action[..., 0]}
