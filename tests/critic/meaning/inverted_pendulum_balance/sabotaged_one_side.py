"""Half a sign: leaning to the right is taken for upright."""

WEIGHTS = {"up": 1.0, "alive": 0.1}


def reward_terms(state, action, next_state, params):
    return {
        "up": next_state.pole_angle,
        "alive": 1.0 - next_state.terminated,
    }
