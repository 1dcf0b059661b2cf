"""The wrong axis: upward speed for forward speed."""

WEIGHTS = {"forward": 1.0, "level": 0.1}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 2],
        "level": next_state.torso_up[..., 2],
    }
