WEIGHTS = {"a": 1.0}
STEPS = (i * 1.0 for i in range(100))


def reward_terms(state, action, next_state, params):
    count = sum(STEPS)
    return {"a": action[..., 0] * count}
