WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    share = 1.0 / action.shape[0]
    return {"a": x + 1e-9 * share}
