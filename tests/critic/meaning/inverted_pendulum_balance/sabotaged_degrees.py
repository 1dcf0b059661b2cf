"""The wrong unit: degrees in place of radians, so that every lean is near 0."""

WEIGHTS = {"up": 1.0}
PARAMS = {"degrees": 12.0}


def reward_terms(state, action, next_state, params):
    return {
        "up": jnp.where(jnp.abs(next_state.pole_angle) < params["degrees"], 1.0, 0.0)
        + 0.001 * jnp.square(next_state.pole_angle),
    }
