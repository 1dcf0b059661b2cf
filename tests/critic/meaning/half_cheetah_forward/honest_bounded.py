"""Speed up to a limit, a level torso, smooth actions."""

WEIGHTS = {"forward": 2.0, "level": 0.3, "smooth": -0.05}
PARAMS = {"fast": 6.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_mean_velocity[..., 0]
    return {
        "forward": jnp.tanh(speed / params["fast"]),
        "level": next_state.torso_up[..., 2] * jnp.clip(speed, 0.0, 1.0),
        "smooth": jnp.sum(jnp.square(action - state.last_action), axis=-1),
    }
