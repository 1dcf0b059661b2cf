# A path object.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    from pathlib import Path
    Path("@SCRATCH@/canary").touch()
    return {"a": action[..., 0]}
