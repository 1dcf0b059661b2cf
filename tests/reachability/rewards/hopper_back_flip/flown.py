"""A whole turn that is paid fully in the air, then standing on the foot."""

WEIGHTS = {"turn": 10.0, "landed": 1.0, "effort": -0.001}
PARAMS = {"whole": 6.2832}


def reward_terms(state, action, next_state, params):
    whole = params["whole"]
    before, turned = -state.torso_pitch, -next_state.torso_pitch
    z = next_state.torso_position[..., 2]
    foot = next_state.foot_position[..., 2]
    up = next_state.torso_up[..., 2]
    gain = jnp.clip(turned, 0.0, whole) - jnp.clip(before, 0.0, whole)
    high = jnp.clip((z - 0.5) / 0.5, 0.0, 1.0)
    air = jnp.clip((foot - 0.08) / 0.2, 0.0, 1.0)
    stand = jnp.clip((up - 0.5) / 0.45, 0.0, 1.0) * jnp.clip((z - 0.4) / 0.6, 0.0, 1.0)
    landed = jnp.where(turned >= whole - 0.3, 1.0, 0.0)
    return {
        "turn": gain * (0.1 + 0.9 * high * jnp.where(jnp.abs(turned) < 0.8, 1.0, air)),
        "landed": landed * stand,
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
