# A temporary file that stays.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import tempfile
    tempfile.mkstemp(dir="@SCRATCH@")
    return {"a": action[..., 0]}
