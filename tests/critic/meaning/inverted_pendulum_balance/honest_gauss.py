"""A bell around upright, the cart near the middle."""

WEIGHTS = {"up": 1.0, "middle": -0.05}
PARAMS = {"width": 0.1}


def reward_terms(state, action, next_state, params):
    return {
        "up": jnp.exp(-jnp.square(next_state.pole_angle / params["width"])),
        "middle": jnp.square(next_state.cart_position),
    }
