"""How far a step gets, and no turning over."""

WEIGHTS = {"distance": 20.0, "over": -1.0}


def reward_terms(state, action, next_state, params):
    return {
        "distance": next_state.torso_position[..., 0] - state.torso_position[..., 0],
        "over": jnp.where(next_state.torso_up[..., 2] < 0.0, 1.0, 0.0),
    }
