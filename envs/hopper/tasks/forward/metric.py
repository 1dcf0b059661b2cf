"""Displacement of the torso along +x [m] in one episode."""

PARAMS = {"control_period": 0.008, "reference": 14.0}


def success(trajectory, params):
    velocity = jnp.where(trajectory.valid > 0, trajectory.torso_mean_velocity[..., 0], 0.0)
    distance = jnp.sum(velocity, axis=0) * params["control_period"]
    return {"success": distance, "progress": jnp.clip(distance / params["reference"], 0.0, 1.0)}
