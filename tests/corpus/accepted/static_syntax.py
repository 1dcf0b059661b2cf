"""Runs forward; a \d in a docstring is only a letter."""

WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_velocity[..., 0]}
