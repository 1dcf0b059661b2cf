WEIGHTS = {"a": 1.0}
reward_terms = lambda state, action, next_state, params: {"a": action[..., 0]}
