# The most harmless program.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import subprocess
    subprocess.run(["true"], check=True)
    raise ValueError("canary-fired")
    return {"a": action[..., 0]}
