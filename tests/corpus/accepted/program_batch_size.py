WEIGHTS = {"forward": 1.0, "pairs": 1.0}


def reward_terms(state, action, next_state, params):
    rows = action.shape[0]
    pairs = action.reshape(rows, -1, 2)
    best = jnp.take_along_axis(pairs, jnp.argmax(jnp.abs(pairs), axis=-1)[..., None], axis=-1)
    base = jnp.full((rows,), 0.1) + jnp.zeros_like(action[..., 0]) + jnp.ones(rows)
    return {
        "forward": next_state.torso_velocity[..., 0] + base,
        "pairs": jnp.mean(best.reshape(rows, -1), axis=-1) * action.shape[-1],
    }
