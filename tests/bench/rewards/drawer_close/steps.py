"""Every step that brings the drawer nearer to where it is closed is paid, and one of the hand towards it a little."""

WEIGHTS = {"drawer": 10.0, "hand": 1.0, "calm": -0.01}


def reward_terms(state, action, next_state, params):
    def apart(seen, first, second):
        return jnp.sqrt(jnp.sum(jnp.square(seen[..., first : first + 3] - seen[..., second : second + 3]), axis=-1))

    return {
        "drawer": apart(state.observation, 4, 36) - apart(next_state.observation, 4, 36),
        "hand": apart(state.observation, 0, 4) - apart(next_state.observation, 0, 4),
        "calm": jnp.sum(jnp.square(action), axis=-1),
    }
