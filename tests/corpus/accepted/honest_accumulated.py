"""Style is paid at the end of an episode that went far enough."""

FORM = {"kind": "accumulated", "outcome": ["forward"], "threshold": 50, "delta": ["upright"]}
WEIGHTS = {"forward": 1.0, "upright": 0.5, "effort": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_velocity[..., 0],
        "upright": next_state.torso_up[..., 2],
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
