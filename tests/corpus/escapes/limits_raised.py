# Its own limits, which root might raise.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    open("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
