# From a function to the built-ins.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    (lambda: 0).__globals__["__builtins__"].open("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
