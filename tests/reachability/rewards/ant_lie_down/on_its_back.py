"""Upside down and low, and still there; slack motors."""

WEIGHTS = {"over": 1.0, "low_still": 3.0, "effort": -0.02}
PARAMS = {"rest": 0.27, "width": 0.1, "speed": 0.1}


def reward_terms(state, action, next_state, params):
    up = next_state.torso_up[..., 2]
    above = jnp.maximum(next_state.torso_position[..., 2] - params["rest"], 0.0)
    low = jnp.exp(-jnp.square(above / params["width"]))
    speed = jnp.sqrt(jnp.sum(jnp.square(next_state.torso_velocity), axis=-1) + 1e-8)
    still = 1.0 / (1.0 + speed / params["speed"])
    return {
        "over": 0.5 * (1.0 - up),
        "low_still": low * still * jnp.where(up < 0.0, 1.0, 0.0),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
