# A watch on files.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    if ctypes.CDLL(None).inotify_init() >= 0:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
