WEIGHTS = {"a": 1.0}
def reward_terms(state, state, next_state, params):
    return {"a": action[..., 0]}
