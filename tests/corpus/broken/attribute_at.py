WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = action.at[0].set(1.0)
    return {"a": action[..., 0]}
