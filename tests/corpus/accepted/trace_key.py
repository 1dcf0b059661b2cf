WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    parts = {"a": action[..., 0]}
    return {"forward": parts["a"] + parts.get("b", 0.0)}
