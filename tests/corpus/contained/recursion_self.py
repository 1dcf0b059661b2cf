WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    def helper(x):
        return helper(x + 1)

    x = helper(1)
    return {"a": action[..., 0] * x}
