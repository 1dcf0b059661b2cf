WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": max(0.0, next_state.torso_velocity[..., 0])}
