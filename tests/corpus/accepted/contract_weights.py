WEIGHTS = {"joint_0": 1.0, "joint_1": 0.5e-3, "joint_2": -1 / 3}


def reward_terms(state, action, next_state, params):
    terms = {f"joint_{i}": -jnp.square(action[..., i]) for i in range(3)}
    return terms
