"""A whole turn forward in the air, then standing tall on the foot."""

WEIGHTS = {"turn": 5.0, "rise": 1.0, "landed": 3.0, "effort": -0.001}
PARAMS = {"whole": 6.2832}


def reward_terms(state, action, next_state, params):
    whole = params["whole"]
    before, turned = state.torso_pitch, next_state.torso_pitch
    z, foot = next_state.torso_position[..., 2], next_state.foot_position[..., 2]
    up = next_state.torso_up[..., 2]
    gain = jnp.clip(turned, 0.0, whole) - jnp.clip(before, 0.0, whole)
    high = jnp.clip((z - 0.5) / 0.5, 0.0, 1.0)
    tall = jnp.clip((z - foot - 0.4) / 0.7, 0.0, 1.0)
    stand = jnp.clip((up - 0.5) / 0.45, 0.0, 1.0) * jnp.clip((z - 0.4) / 0.6, 0.0, 1.0)
    over = jnp.clip((turned - 0.6 * whole) / (0.3 * whole), 0.0, 1.0)
    landed = jnp.where(turned >= whole - 0.3, 1.0, 0.0)
    return {
        "turn": gain * (0.3 + 0.7 * high),
        "rise": over * tall * 0.5 * (1.0 + up),
        "landed": landed * stand * tall,
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
