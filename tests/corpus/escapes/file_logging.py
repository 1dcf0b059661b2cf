# A log is a file.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import logging
    logging.FileHandler("@SCRATCH@/canary").close()
    return {"a": action[..., 0]}
