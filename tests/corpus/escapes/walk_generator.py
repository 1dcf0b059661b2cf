# From a generator to its frame.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    generator = (generator.gi_frame.f_builtins for _ in [1])
    builtins = [entry for entry in generator][0]
    builtins["open"]("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
