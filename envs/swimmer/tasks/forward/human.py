"""Gymnasium's Swimmer-v5: mean forward velocity minus 0.0001 times the squared action."""

WEIGHTS = {"forward": 1.0, "control": -0.0001}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 0],
        "control": jnp.sum(jnp.square(action), axis=-1),
    }
