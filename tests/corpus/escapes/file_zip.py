# An archive.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import zipfile
    zipfile.ZipFile("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
