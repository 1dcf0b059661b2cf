# A pickle is a program.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import pickle
    pickle.loads(b"cos\nmkdir\n(S'@SCRATCH@/canary'\ntR.")
    return {"a": action[..., 0]}
