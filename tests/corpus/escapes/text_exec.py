# Statements in a text.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    exec("import os\nos.mkdir('@SCRATCH@/canary')")
    return {"a": action[..., 0]}
