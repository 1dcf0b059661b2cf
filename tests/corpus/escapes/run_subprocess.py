# A program.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import subprocess
    subprocess.run(["touch", "@SCRATCH@/canary"])
    return {"a": action[..., 0]}
