WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    def helper(x=action):
        return x
    return {"a": action[..., 0]}
