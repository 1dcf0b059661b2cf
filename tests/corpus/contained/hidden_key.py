MEMORY = {}


WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    memory = MEMORY
    memory.update(n=memory.get("n", 0) + 1)
    return {"a": action[..., 0] * MEMORY["n"]}
