WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    fast = (next_state.torso_velocity[..., 0] > 0.5).astype(jnp.int32) + (action[..., 0] > 0.0).astype(bool)
    return {"forward": fast.astype("float32")}
