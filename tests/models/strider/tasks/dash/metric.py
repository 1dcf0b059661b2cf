"""Displacement of the hull along -y [m] in one episode."""

PARAMS = {"control_period": 0.05, "reference": 300.0}


def success(trajectory, params):
    distance = -jnp.sum(trajectory.hull_pace[..., 1] * trajectory.valid, axis=0) * params["control_period"]
    return {"success": distance, "progress": jnp.clip(distance / params["reference"], 0.0, 1.0)}
