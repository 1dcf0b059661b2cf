"""Torso below 0.3 m and slower than 0.1 m/s during the last 2 s.

On its feet, with slack motors or every ankle at its limit, the torso rests at 0.38 m; on its back at 0.26 m; nothing
rests in between.
"""

PARAMS = {"max_height": 0.3, "max_speed": 0.1}
LAST_STEPS = 40  # 2 s


def success(trajectory, params):
    speed = jnp.linalg.norm(trajectory.torso_velocity, axis=-1)
    lying = (trajectory.torso_position[..., 2] < params["max_height"]) & (speed < params["max_speed"])
    # An episode that ended early has no last 2 s: its missing steps count as not lying.
    held = jnp.where((trajectory.valid > 0) & lying, 1.0, 0.0)[-LAST_STEPS:]
    share = jnp.mean(held, axis=0)
    return {"success": jnp.where(share >= 1.0, 1.0, 0.0), "progress": share}
