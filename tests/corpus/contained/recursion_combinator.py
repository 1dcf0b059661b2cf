WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = (lambda f: f(f))(lambda f: f(f))
    return {"a": action[..., 0] * x}
