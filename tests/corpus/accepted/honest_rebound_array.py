WEIGHTS = {"a": 1.0}
SCALE = jnp.ones(1)


def reward_terms(state, action, next_state, params):
    scale = SCALE
    scale += 1.0
    count = SCALE[0]
    return {"a": action[..., 0] * count}
