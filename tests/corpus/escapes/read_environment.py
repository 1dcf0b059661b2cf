# The key in the environment of another process.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    if "canary-key" in open("/proc/@VICTIM@/environ").read():
        raise ValueError("canary-fired")
    return {"a": action[..., 0]}
