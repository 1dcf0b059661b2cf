WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    # the next line is longer than it looks ‮
    return {"forward": next_state.torso_velocity[..., 0]}
