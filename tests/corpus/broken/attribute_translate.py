WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = "abc".translate({97: "b"})
    return {"a": action[..., 0]}
