WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    x = next_state.torso_velocity[..., 0]
    n = action.shape[0]
    grid = jnp.zeros((n * n,))
    return {"a": x + 0.0 * grid[0]}
