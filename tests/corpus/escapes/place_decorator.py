# A decorator.
@(lambda function: __import__("os").mkdir("@SCRATCH@/canary"))
def helper():
    return 0


WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
