WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    terms = {}
    terms["forward"] = next_state.torso_velocity[..., 0]
    speeds = []
    speeds.append(terms["forward"])
    terms.update({"forward": speeds[0]})
    return terms
