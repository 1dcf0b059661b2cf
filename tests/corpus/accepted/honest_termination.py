WEIGHTS = {"alive": 1.0, "fall": -10.0, "late": 0.001}


def reward_terms(state, action, next_state, params):
    alive = 1.0 - next_state.terminated
    return {"alive": alive, "fall": next_state.terminated, "late": alive * next_state.time}
