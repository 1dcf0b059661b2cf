"""The hand comes near the drawer, and the drawer near where it is closed."""

WEIGHTS = {"reach": 1.0, "close": 2.0}


def reward_terms(state, action, next_state, params):
    seen = next_state.observation
    hand, drawer, goal = seen[..., 0:3], seen[..., 4:7], seen[..., 36:39]
    return {
        "reach": -jnp.sqrt(jnp.sum(jnp.square(hand - drawer), axis=-1)),
        "close": -jnp.sqrt(jnp.sum(jnp.square(drawer - goal), axis=-1)),
    }
