"""Mean speed of the torso along +x [m/s] over the whole horizon; an episode that ends early stands still after it."""

PARAMS = {"reference": 3.0}


def success(trajectory, params):
    velocity = jnp.where(trajectory.valid > 0, trajectory.torso_mean_velocity[..., 0], 0.0)
    speed = jnp.mean(velocity, axis=0)
    return {"success": speed, "progress": jnp.clip(speed / params["reference"], 0.0, 1.0)}
