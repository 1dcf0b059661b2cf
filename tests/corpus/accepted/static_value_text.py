WEIGHTS = {"joint_0": -0.1, "joint_1": -0.1, "speed": 1.0}


def reward_terms(state, action, next_state, params):
    terms = {f"joint_{i}": jnp.square(action[..., i]) for i in range(2)}
    terms["speed"] = next_state.torso_velocity[..., 0]
    return terms
