"""Gymnasium's Humanoid-v5 without contact cost: alive, forward velocity of the centre of mass, minus effort."""

WEIGHTS = {"alive": 5.0, "forward": 1.25, "control": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "alive": 1.0 - next_state.terminated,
        "forward": next_state.com_mean_velocity[..., 0],
        "control": jnp.sum(jnp.square(action), axis=-1),
    }
