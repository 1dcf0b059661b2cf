WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    return {"a": x + action[..., 0].astype("bfloat16").astype("float32")}
