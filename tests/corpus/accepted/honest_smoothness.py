WEIGHTS = {"change": -0.1, "pair": -0.05, "largest": -0.05, "cosine": 0.2}


def reward_terms(state, action, next_state, params):
    change = next_state.torso_velocity - state.torso_velocity
    pair = jnp.diff(action, axis=-1)
    up, before = next_state.torso_up, state.torso_up
    norms = jnp.linalg.norm(up, axis=-1) * jnp.linalg.norm(before, axis=-1)
    return {
        "change": jnp.sum(jnp.abs(change), axis=-1),
        "pair": jnp.mean(jnp.square(pair), axis=-1),
        "largest": jnp.max(jnp.abs(action), axis=-1),
        "cosine": jnp.sum(up * before, axis=-1) / (norms + 1e-6),
    }
