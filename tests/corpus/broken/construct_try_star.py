WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    try:
        x = 1
    except* ValueError:
        x = 2
    return {"a": action[..., 0]}
