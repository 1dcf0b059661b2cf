WEIGHTS = {"a": 1.0}
super, low = 1.0, 2.0


def reward_terms(state, action, next_state, params):
    count = low
    return {"a": action[..., 0] * count}
