WEIGHTS = {"a": 1.0}
STEPS = ({"all": reversed([1.0, 2.0])},)


def reward_terms(state, action, next_state, params):
    count = sum(STEPS[0]["all"])
    return {"a": action[..., 0] * count}
