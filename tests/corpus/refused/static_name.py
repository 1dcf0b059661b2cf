WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    print("hello")
    return {"forward": speed}
