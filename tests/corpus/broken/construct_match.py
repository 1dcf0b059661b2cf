WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    match 1:
        case 1:
            x = 1
    return {"a": action[..., 0]}
