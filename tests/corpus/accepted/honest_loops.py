"""Loops over small constant ranges, zip, enumerate, comprehensions and f-string keys."""
GAINS = [1.0, 0.5, 0.25]
WEIGHTS = {"velocity_0": 1.0, "velocity_1": 0.5, "velocity_2": 0.25, "effort": -0.01, "pairs": -0.001}


def reward_terms(state, action, next_state, params):
    terms = {f"velocity_{i}": gain * next_state.torso_velocity[..., i] for i, gain in enumerate(GAINS)}
    effort = 0.0
    for i in range(action.shape[-1]):
        effort = effort + jnp.square(action[..., i])
    terms["effort"] = effort
    pairs = [action[..., a] * action[..., b] for a, b in zip(range(0, 3), range(3, 6))]
    terms["pairs"] = sum(jnp.abs(pair) for pair in pairs)
    return terms
