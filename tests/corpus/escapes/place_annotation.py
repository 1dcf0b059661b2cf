# The annotation of a parameter.
def helper(x: __import__("os").mkdir("@SCRATCH@/canary")):
    return x


WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
