# Fork through the C library.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    import os
    if ctypes.CDLL(None).fork() == 0:
        open("@SCRATCH@/canary", "w").close()
        os._exit(0)
    os.wait()
    return {"a": action[..., 0]}
