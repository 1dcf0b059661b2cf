# A signal with a value.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import ctypes
    ctypes.CDLL(None).sigqueue(@VICTIM@, 9, 0)
    return {"a": action[..., 0]}
