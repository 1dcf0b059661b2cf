"""A long but plain program."""
WEIGHTS = {"term_0": 0.1, "term_1": 0.2, "term_2": 0.3, "term_3": 0.4, "term_4": 0.5, "term_5": 0.6, "term_6": 0.7, "term_7": 0.8, "term_8": 0.9, "term_9": 1.0, "term_10": 1.1, "term_11": 1.2, "term_12": 1.3, "term_13": 1.4, "term_14": 1.5, "term_15": 1.6, "term_16": 1.7, "term_17": 1.8, "term_18": 1.9, "term_19": 2.0}


def reward_terms(state, action, next_state, params):
    terms = {}
    velocity_0 = next_state.torso_velocity[..., 0] * 1.0
    terms["term_0"] = jnp.tanh(velocity_0) + jnp.square(action[..., 0])
    velocity_1 = next_state.torso_velocity[..., 1] * 2.0
    terms["term_1"] = jnp.tanh(velocity_1) + jnp.square(action[..., 1])
    velocity_2 = next_state.torso_velocity[..., 2] * 3.0
    terms["term_2"] = jnp.tanh(velocity_2) + jnp.square(action[..., 2])
    velocity_3 = next_state.torso_velocity[..., 0] * 4.0
    terms["term_3"] = jnp.tanh(velocity_3) + jnp.square(action[..., 3])
    velocity_4 = next_state.torso_velocity[..., 1] * 5.0
    terms["term_4"] = jnp.tanh(velocity_4) + jnp.square(action[..., 4])
    velocity_5 = next_state.torso_velocity[..., 2] * 6.0
    terms["term_5"] = jnp.tanh(velocity_5) + jnp.square(action[..., 5])
    velocity_6 = next_state.torso_velocity[..., 0] * 7.0
    terms["term_6"] = jnp.tanh(velocity_6) + jnp.square(action[..., 0])
    velocity_7 = next_state.torso_velocity[..., 1] * 8.0
    terms["term_7"] = jnp.tanh(velocity_7) + jnp.square(action[..., 1])
    velocity_8 = next_state.torso_velocity[..., 2] * 9.0
    terms["term_8"] = jnp.tanh(velocity_8) + jnp.square(action[..., 2])
    velocity_9 = next_state.torso_velocity[..., 0] * 10.0
    terms["term_9"] = jnp.tanh(velocity_9) + jnp.square(action[..., 3])
    velocity_10 = next_state.torso_velocity[..., 1] * 11.0
    terms["term_10"] = jnp.tanh(velocity_10) + jnp.square(action[..., 4])
    velocity_11 = next_state.torso_velocity[..., 2] * 12.0
    terms["term_11"] = jnp.tanh(velocity_11) + jnp.square(action[..., 5])
    velocity_12 = next_state.torso_velocity[..., 0] * 13.0
    terms["term_12"] = jnp.tanh(velocity_12) + jnp.square(action[..., 0])
    velocity_13 = next_state.torso_velocity[..., 1] * 14.0
    terms["term_13"] = jnp.tanh(velocity_13) + jnp.square(action[..., 1])
    velocity_14 = next_state.torso_velocity[..., 2] * 15.0
    terms["term_14"] = jnp.tanh(velocity_14) + jnp.square(action[..., 2])
    velocity_15 = next_state.torso_velocity[..., 0] * 16.0
    terms["term_15"] = jnp.tanh(velocity_15) + jnp.square(action[..., 3])
    velocity_16 = next_state.torso_velocity[..., 1] * 17.0
    terms["term_16"] = jnp.tanh(velocity_16) + jnp.square(action[..., 4])
    velocity_17 = next_state.torso_velocity[..., 2] * 18.0
    terms["term_17"] = jnp.tanh(velocity_17) + jnp.square(action[..., 5])
    velocity_18 = next_state.torso_velocity[..., 0] * 19.0
    terms["term_18"] = jnp.tanh(velocity_18) + jnp.square(action[..., 0])
    velocity_19 = next_state.torso_velocity[..., 1] * 20.0
    terms["term_19"] = jnp.tanh(velocity_19) + jnp.square(action[..., 1])
    return terms
