"""Speed with a soft limit, upright where it runs."""

WEIGHTS = {"forward": 3.0, "alive": 0.2, "effort": -0.05}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_mean_velocity[..., 0]
    return {
        "forward": jnp.tanh(speed / 3.0) * jnp.where(next_state.torso_up[..., 2] > 0.3, 1.0, 0.3),
        "alive": 1.0 - next_state.terminated,
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
