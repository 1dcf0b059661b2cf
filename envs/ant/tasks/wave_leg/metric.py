"""One front foot changes direction at least 3 times above 0.3 m, and the torso drifts less than 0.5 m, upright."""

PARAMS = {"changes": 3.0, "min_height": 0.3, "max_drift": 0.5, "min_up": 0.5}


def success(trajectory, params):
    valid = trajectory.valid > 0
    turns = trajectory.foot_turns[..., 0:2]  # front left, front right
    new = jnp.concatenate([turns[:1], turns[1:] - turns[:-1]], axis=0)
    high = valid[..., None] & (trajectory.foot_turn_height[..., 0:2] > params["min_height"])
    changes = jnp.max(jnp.sum(jnp.where(high, new, 0.0), axis=0), axis=-1)  # of the foot that waves more
    drift = jnp.max(jnp.where(valid, jnp.linalg.norm(trajectory.torso_drift, axis=-1), 0.0), axis=0)
    upright = jnp.min(jnp.where(valid, trajectory.torso_up[..., 2], 1.0), axis=0) > params["min_up"]
    waved = jnp.minimum(changes, params["changes"]) / params["changes"]
    stayed = 1.0 - jnp.minimum(drift / params["max_drift"], 1.0)
    done = upright & (waved >= 1.0) & (stayed > 0.0)
    return {"success": jnp.where(done, 1.0, 0.0), "progress": jnp.where(upright, waved * stayed, 0.0)}
