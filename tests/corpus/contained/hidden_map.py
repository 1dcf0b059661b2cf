WEIGHTS = {"a": 1.0}


def steps(values=[1.0, 2.0]):
    ups = map(abs, values)
    return lambda: sum(ups)


steps_left = steps()


def reward_terms(state, action, next_state, params):
    count = steps_left()
    return {"a": action[..., 0] * count}
