"""A whole turn backward, net, and then upright for 0.5 s without a pause, within 0.3 rad.

Upright is above 0.8 m, so on its foot: on its knee the torso is at 0.7 m.
"""

PARAMS = {"whole_turn": 6.2832, "hold": 0.5}


def success(trajectory, params):
    valid = trajectory.valid > 0
    turned = jnp.where(valid, -trajectory.torso_pitch, 0.0)  # [rad]; an episode starts within 0.005 of 0
    flipped = jnp.cumsum(turned >= params["whole_turn"], axis=0) > 0  # at some step up to this one
    # Whoever turns back all the way is upright again, but has not flipped: hence the half turn.
    landed = valid & flipped & (turned > 0.5 * params["whole_turn"])
    held = jnp.max(jnp.where(landed, trajectory.upright_time, 0.0), axis=0)
    turn_share = jnp.clip(jnp.max(turned, axis=0) / params["whole_turn"], 0.0, 1.0)
    hold_share = jnp.clip(held / params["hold"], 0.0, 1.0)
    done = jnp.where(held >= params["hold"], 1.0, 0.0)
    return {"success": done, "progress": 0.5 * (turn_share + hold_share)}
