WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    size = action.shape[-1]
    return {"forward": jnp.square(action).sum(axis=-1) / size + next_state.torso_velocity.T[0]}
