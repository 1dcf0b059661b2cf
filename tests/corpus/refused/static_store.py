WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    for state.torso_up in (1.0, 2.0):
        pass
    return {"forward": next_state.torso_velocity[..., 0]}
