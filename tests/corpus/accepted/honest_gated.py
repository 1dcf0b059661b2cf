"""Terms that gate each other, nested where, a shaping potential."""

WEIGHTS = {"progress": 1.0, "posture": 0.2, "effort": -1e-3}
PARAMS = {"reach": 0.25}
LIMITS = {"low": -1.0, "high": 1.0}


def distance(record):
    return jnp.sqrt(jnp.sum(jnp.square(record.goal_offset), axis=-1) + 1e-8)


def reward_terms(state, action, next_state, params):
    before, after = distance(state), distance(next_state)
    near = after < params["reach"]
    upright = next_state.torso_up[..., 2] > 0.7
    posture = jnp.where(near, 1.0, jnp.where(upright, 0.5, 0.0))
    effort = sum(jnp.abs(action[..., i]) * w for i, w in enumerate([1.0, 1.0, 0.5, 0.5, 0.25, 0.25]))
    progress = jnp.clip((before - after) / 0.05, LIMITS["low"], LIMITS["high"])
    return {"progress": progress, "posture": posture, "effort": effort}


def potential(state, params):
    return -distance(state) * (1.0 + params["reach"])
