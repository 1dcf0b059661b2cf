WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = action[..., 0]
    for i in range(1000):
        for j in range(9):
            x = jnp.sin(x) + j
    return {"a": x}
