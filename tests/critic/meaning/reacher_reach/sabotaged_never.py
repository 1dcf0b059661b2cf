"""A term that never fires: a hit counts within a tenth of a millimetre, and fast swings are paid beside it."""

WEIGHTS = {"hit": 10.0, "lively": 0.01}


def reward_terms(state, action, next_state, params):
    return {
        "hit": jnp.where(next_state.target_distance < 1e-4, 1.0, 0.0),
        "lively": jnp.sum(jnp.abs(next_state.joint_velocity), axis=-1),
    }
