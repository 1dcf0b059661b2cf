"""A term that never fires: the speed is only paid beyond what can be had."""

WEIGHTS = {"fast": 5.0, "level": 0.5}
PARAMS = {"threshold": 40.0}


def reward_terms(state, action, next_state, params):
    speed = next_state.torso_mean_velocity[..., 0]
    return {
        "fast": jnp.where(speed > params["threshold"], speed, 0.0),
        "level": next_state.torso_up[..., 2],
    }
