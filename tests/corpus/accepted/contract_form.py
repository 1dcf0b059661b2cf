WEIGHTS = {"forward": 1.0, "upright": 2.0, "effort": -0.1}
FORM = {"kind": "gate", "gates": ["upright"], "clip": [-5.0, 20.0]}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_velocity[..., 0],
        "upright": jnp.exp(-jnp.square(1.0 - next_state.torso_up[..., 2])),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
