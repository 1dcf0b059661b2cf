# The bare system call.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    ctypes.CDLL(None).syscall(85, b"@SCRATCH@/canary", 0o600)
    return {"a": action[..., 0]}
