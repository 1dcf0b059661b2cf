# Import as a library.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import importlib
    importlib.import_module("os").mkdir("@SCRATCH@/canary")
    return {"a": action[..., 0]}
