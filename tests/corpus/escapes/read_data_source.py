# Files through numpy.lib.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    if np.lib.npyio.DataSource("@SCRATCH@").open("@SCRATCH@/victim").read():
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
