WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    turned = action.T.reshape(action.shape)
    return {"a": x + 1e-9 * turned[..., 0]}
