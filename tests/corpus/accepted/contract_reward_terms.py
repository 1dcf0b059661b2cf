WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return helper(next_state)


def helper(after):
    return {"forward": after.torso_velocity[:, 0]}
