# The same by strings.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    getattr(getattr(lambda: 0, "__glo" + "bals__")["__builtins__"], "op" + "en")("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
