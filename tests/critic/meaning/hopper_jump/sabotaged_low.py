"""The wrong side: being low is paid, as before a jump."""

WEIGHTS = {"ready": 2.0, "height": 0.1}
PARAMS = {"crouch": 0.95}


def reward_terms(state, action, next_state, params):
    return {
        "ready": jnp.exp(-jnp.square(next_state.torso_position[..., 2] - params["crouch"]) / 0.02),
        "height": next_state.torso_position[..., 2],
    }
