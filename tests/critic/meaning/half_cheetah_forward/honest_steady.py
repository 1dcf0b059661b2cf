"""Speed, less for a torso that pitches and bounces."""

WEIGHTS = {"forward": 1.0, "pitching": -0.05, "bouncing": -0.1, "effort": -0.02}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_mean_velocity[..., 0],
        "pitching": jnp.square(next_state.torso_pitch_rate),
        "bouncing": jnp.square(next_state.torso_velocity[..., 2]),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
