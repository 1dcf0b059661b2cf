# Life after the server's end.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    if ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) == 0:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
