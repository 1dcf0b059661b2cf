"""Forward speed, and a bonus for every step that it has not fallen."""

WEIGHTS = {"forward": 1.0, "alive": 1.0}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 0],
        "alive": 1.0 - next_state.terminated,
    }
