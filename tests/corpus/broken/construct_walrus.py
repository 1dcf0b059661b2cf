WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = [y := 1, y]
    return {"a": action[..., 0]}
