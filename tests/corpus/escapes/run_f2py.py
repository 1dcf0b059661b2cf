# A module in a module of numpy, with no underscore in sight.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    np.f2py.os.system("touch @SCRATCH@/canary")
    return {"a": action[..., 0]}
