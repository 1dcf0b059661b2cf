WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    async def helper():
        async for x in action:
            pass
    return {"a": action[..., 0]}
