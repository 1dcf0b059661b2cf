"""Names that look dangerous and are not."""
WEIGHTS = {"import_force": 1.0, "eval_distance": -0.5, "open_hand": 0.1, "system_energy": -0.01}


def import_force(state):
    return state.torso_velocity[..., 0]


def eval_distance(state):
    return jnp.linalg.norm(state.goal_offset, axis=-1)


def reward_terms(state, action, next_state, params):
    globals_used = 0.5
    exec_time = next_state.time * 0.0
    return {
        "import_force": import_force(next_state),
        "eval_distance": eval_distance(next_state),
        "open_hand": globals_used * action[..., 0] + exec_time,
        "system_energy": jnp.sum(jnp.square(action), axis=-1),
    }
