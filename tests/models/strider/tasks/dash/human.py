"""Mean velocity along -y minus 0.1 times the squared action, as Gymnasium pays its half cheetah along +x."""

WEIGHTS = {"ahead": 1.0, "control": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "ahead": -next_state.hull_pace[..., 1],
        "control": jnp.sum(jnp.square(action), axis=-1),
    }
