WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity
    speed[0] = 0.0
    return {"forward": speed[..., 0]}
