# The memory of another process.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    vector = (ctypes.c_size_t * 2)(1, 1)
    libc.process_vm_readv(@VICTIM@, vector, 1, vector, 1, 0)
    if ctypes.get_errno() == 14:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
