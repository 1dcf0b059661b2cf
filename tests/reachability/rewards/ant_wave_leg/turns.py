"""The front left foot high above the ground and moving up and down there, on a torso that stays where it was."""

WEIGHTS = {"lift": 0.3, "wave": 0.5, "turns": 3.0, "drift": -0.5, "effort": -0.005}
PARAMS = {"high": 0.3, "step": 0.05}


def reward_terms(state, action, next_state, params):
    height, before = next_state.foot_height[..., 0], state.foot_height[..., 0]
    upright = jnp.clip((next_state.torso_up[..., 2] - 0.5) / 0.4, 0.0, 1.0)
    lift = jnp.clip((height - 0.1) / 0.4, 0.0, 1.0) * upright
    speed = jnp.abs(height - before) / params["step"]
    over = jnp.where(jnp.minimum(height, before) > params["high"], 1.0, 0.0)
    new = next_state.foot_turns[..., 0] - state.foot_turns[..., 0]
    counted = jnp.where(next_state.foot_turn_height[..., 0] > params["high"], new, 0.0)
    drift = jnp.sqrt(jnp.sum(jnp.square(next_state.torso_drift), axis=-1) + 1e-8)
    return {
        "lift": lift,
        "wave": over * jnp.tanh(speed) * upright,
        "turns": counted * upright,
        "drift": jnp.minimum(drift, 1.0),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
