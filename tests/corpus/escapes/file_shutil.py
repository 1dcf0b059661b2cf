# Copying.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import shutil
    shutil.copyfile("@SCRATCH@/victim", "@SCRATCH@/canary")
    return {"a": action[..., 0]}
