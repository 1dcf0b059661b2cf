# System calls that no filter sees.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    if ctypes.CDLL(None).syscall(425, 4, (ctypes.c_char * 120)()) >= 0:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
