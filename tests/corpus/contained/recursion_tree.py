WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    def helper(n):
        return 1 if n == 0 else helper(n - 1) + helper(n - 1)

    x = helper(60)
    return {"a": action[..., 0] * x}
