"""Minus the distance from the fingertip to the target [m] at the last step."""

PARAMS = {"far": 0.2}  # [m], about where an arm that does nothing ends


def success(trajectory, params):
    steps = jnp.arange(trajectory.valid.shape[0])[:, None]
    last = (trajectory.valid > 0) & (steps == jnp.sum(trajectory.valid, axis=0) - 1)
    distance = jnp.sum(jnp.where(last, trajectory.target_distance, 0.0), axis=0)
    return {"success": -distance, "progress": jnp.clip(1.0 - distance / params["far"], 0.0, 1.0)}
