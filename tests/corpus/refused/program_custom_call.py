WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    matrix = action[..., :3, None] * next_state.torso_up[..., None, :]
    return {"forward": jnp.linalg.norm(matrix, ord=2, axis=(-2, -1))}
