"""Constants of several kinds at module level."""
TARGET, TOLERANCE = 1.5, 0.25
LIMITS = {"low": -2.0, "high": 2.0}
NAMES = ("x", "y", "z")
WEIGHTS = {"x": 1.0, "y": -0.1, "z": -0.1}
STRICT = True


def reward_terms(state, action, next_state, params):
    if STRICT:
        width = TOLERANCE
    else:
        width = 2.0 * TOLERANCE
    error = {name: next_state.torso_velocity[..., i] for i, name in enumerate(NAMES)}
    error["x"] = jnp.exp(-jnp.abs(error["x"] - TARGET) / width)
    return {name: jnp.clip(value, LIMITS["low"], LIMITS["high"]) for name, value in error.items()}
