# Memory that another child could see.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    libc = ctypes.CDLL(None)
    segment = libc.shmget(0, 4096, 0o600)
    if segment >= 0:
        libc.shmctl(segment, 0, None)
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
