# A file in a with statement.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    with open("@SCRATCH@/canary", "w") as file:
        file.write("x")
    return {"a": action[..., 0]}
