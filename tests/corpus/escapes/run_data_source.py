# Files through numpy.lib.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    np.lib.npyio.DataSource("@SCRATCH@").open("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
