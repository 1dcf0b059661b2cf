WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    parts = [action[..., i] for i in range(6) if i != 2]
    square = lambda x: x * x
    total = jnp.zeros_like(action[..., 0])
    for index, (part, sign) in enumerate(zip(parts, (1.0, -1.0, 1.0, -1.0, 1.0))):
        if index == 0:
            continue
        total += sign * square(part)
    return {"forward": total if True else -total}
