# A namespace or table of its own.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    if ctypes.CDLL(None).unshare(0x400) == 0:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
