WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    def helper(x=max(1, 2)):
        return x
    return {"a": action[..., 0]}
