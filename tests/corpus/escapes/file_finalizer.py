# Something to do when it is collected.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    class Late:
        def __del__(self):
            open("@SCRATCH@/canary", "w").close()

    late = Late()
    del late
    return {"a": action[..., 0]}
