"""A bonus that can be farmed: fast joints, wherever the robot goes."""

WEIGHTS = {"lively": 1.0, "forward": 0.1}


def reward_terms(state, action, next_state, params):
    return {
        "lively": jnp.mean(jnp.abs(next_state.joint_velocity), axis=-1),
        "forward": next_state.torso_mean_velocity[..., 0],
    }
