"""Share of the episode's 1000 steps in which the pole stays within 0.2 rad of upright."""

PARAMS = {"max_angle": 0.2, "horizon": 1000.0}


def success(trajectory, params):
    balanced = jnp.where(jnp.abs(trajectory.pole_angle) <= params["max_angle"], trajectory.valid, 0.0)
    share = jnp.sum(balanced, axis=0) / params["horizon"]
    return {"success": share, "progress": share}
