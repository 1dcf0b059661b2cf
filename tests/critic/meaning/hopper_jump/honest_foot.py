"""How high the foot is, upright."""

WEIGHTS = {"foot": 4.0, "upright": 0.2, "effort": -0.001}


def reward_terms(state, action, next_state, params):
    return {
        "foot": jnp.clip(next_state.foot_height, 0.0, 2.0) * jnp.clip(next_state.torso_up[..., 2], 0.0, 1.0),
        "upright": next_state.torso_up[..., 2] * (1.0 - next_state.terminated),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
