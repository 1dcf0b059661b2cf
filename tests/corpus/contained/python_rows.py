WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_velocity[..., 0] / len(action)}
