# The same through the C library.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    ctypes.CDLL(None).execl(b"/bin/sh", b"sh", b"-c", b": > @SCRATCH@/canary", None)
    return {"a": action[..., 0]}
