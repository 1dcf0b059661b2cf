# A process that outlives its parent.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    import time
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    return {"a": action[..., 0]}
