"""A bell around the target, and a wide one beside it."""

WEIGHTS = {"fine": 1.0, "coarse": 0.5}


def reward_terms(state, action, next_state, params):
    return {
        "fine": jnp.exp(-jnp.square(next_state.target_distance / 0.02)),
        "coarse": jnp.exp(-next_state.target_distance / 0.1),
    }
