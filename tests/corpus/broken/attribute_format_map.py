WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = "{x}".format_map({"x": action})
    return {"a": action[..., 0]}
