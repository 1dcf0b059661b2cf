# From a tuple to a shell.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    [kind for kind in ().__class__.__base__.__subclasses__() if kind.__name__ == "_wrap_close"][0].__init__.__globals__[
        "system"
    ]("touch @SCRATCH@/canary")
    return {"a": action[..., 0]}
