WEIGHTS = {"a": 1.0}


async def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
