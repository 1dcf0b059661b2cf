WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = {f"t{i}": action[..., 0] for i in range(40)}
    return x
