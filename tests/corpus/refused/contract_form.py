WEIGHTS = {"forward": 1.0, "upright": 1.0}
FORM = {"kind": "gate", "gates": ["uprigt"]}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_velocity[..., 0], "upright": next_state.torso_up[..., 2]}
