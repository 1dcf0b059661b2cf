# A program by posix_spawn.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import os
    os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", ": > @SCRATCH@/canary"], {}), 0)
    return {"a": action[..., 0]}
