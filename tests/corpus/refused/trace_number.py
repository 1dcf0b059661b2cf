WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": math.exp(next_state.torso_velocity[..., 0])}
