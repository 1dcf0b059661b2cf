# An expression in a text.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    eval("__import__('os').mkdir('@SCRATCH@/canary')")
    return {"a": action[..., 0]}
