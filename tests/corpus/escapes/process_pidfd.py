# A signal through a descriptor.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    import signal
    signal.pidfd_send_signal(os.pidfd_open(@VICTIM@), 9)
    return {"a": action[..., 0]}
