WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    def helper(__x, /):
        return __x

    x = helper(1)
    return {"a": action[..., 0]}
