WEIGHTS = {"a": 1.0, "b": -0.1}


def weighted(*parts, scale=1.0):
    return scale * sum(parts)


def reward_terms(state, action, next_state, params):
    speeds = [next_state.torso_velocity[..., i] for i in range(3)]
    first, *others = speeds
    return {"a": weighted(first, scale=2.0), "b": weighted(*[jnp.abs(other) for other in others])}
