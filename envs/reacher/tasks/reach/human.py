"""Gymnasium's Reacher-v5: minus the distance to the target, minus the squared action."""

WEIGHTS = {"distance": -1.0, "control": -1.0}


def reward_terms(state, action, next_state, params):
    return {
        "distance": next_state.target_distance,
        "control": jnp.sum(jnp.square(action), axis=-1),
    }
