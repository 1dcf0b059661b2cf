# A file of the system.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    if open("/etc/passwd").read():
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
