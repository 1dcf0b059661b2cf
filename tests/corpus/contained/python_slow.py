# Python that takes a second at every step, and leaves no trace in the compiled program.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    total = 0.0
    for outer in [0.0] * 3500:
        for inner in [1.0] * 3500:
            total = total + inner
    return {"a": action[..., 0]}
