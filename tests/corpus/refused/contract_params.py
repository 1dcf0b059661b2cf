WEIGHTS = {"forward": 1.0}
PARAMS = {"with": 0.5}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_velocity[..., 0] * params["width"]}
