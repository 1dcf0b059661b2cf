"""Mean speed of the centre of mass along +x [m/s]; 0 unless the robot survives the whole horizon."""

PARAMS = {"reference": 5.0}


def success(trajectory, params):
    valid = trajectory.valid > 0
    speed = jnp.mean(jnp.where(valid, trajectory.com_mean_velocity[..., 0], 0.0), axis=0)
    fell = jnp.max(jnp.where(valid, trajectory.terminated, 0.0), axis=0) > 0
    survived = jnp.all(valid, axis=0) & ~fell
    # Progress also pays the way made before a fall, over the way at the reference speed in the whole horizon.
    return {"success": jnp.where(survived, speed, 0.0), "progress": jnp.clip(speed / params["reference"], 0.0, 1.0)}
