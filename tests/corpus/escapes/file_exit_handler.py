# Something to do at the end.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import atexit
    atexit.register(lambda: open("@SCRATCH@/canary", "w").close())
    atexit._run_exitfuncs()
    return {"a": action[..., 0]}
