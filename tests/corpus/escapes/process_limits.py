# A lower limit for another process.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import resource
    resource.prlimit(@VICTIM@, resource.RLIMIT_NOFILE, (5, 5))
    return {"a": action[..., 0]}
