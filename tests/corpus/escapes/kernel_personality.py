# Another personality.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    if ctypes.CDLL(None).personality(0x0040000) >= 0:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
