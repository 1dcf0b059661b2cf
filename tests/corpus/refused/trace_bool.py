WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_velocity[..., 0]
    if speed > 0.0:
        return {"forward": speed}
    return {"forward": -speed}
