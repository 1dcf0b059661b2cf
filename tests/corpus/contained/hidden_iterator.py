WEIGHTS = {"a": 1.0}
STEPS = zip([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])


def reward_terms(state, action, next_state, params):
    count = 1.0
    for step, _ in STEPS:
        count = count + step
    return {"a": action[..., 0] * count}
