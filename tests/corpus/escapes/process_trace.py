# A debugger.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    if ctypes.CDLL(None).ptrace(0x4206, @VICTIM@, 0, 0) == 0:
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
