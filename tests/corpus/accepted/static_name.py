WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    max_speed, exec_time, print_width = 1.0, 2.0, 3.0
    abs_speed = abs(next_state.torso_velocity[..., 0])
    return {"forward": jnp.minimum(abs_speed, max_speed) * exec_time * print_width}
