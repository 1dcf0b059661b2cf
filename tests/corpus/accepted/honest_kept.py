"""Names of Python as local variables are no clash, nor are containers that nobody changes."""

WEIGHTS = {"a": 1.0}
GAINS = ([1.0, 0.5], {"x": [2.0]})
PAIRS = list(zip([1.0, 2.0], [0.5, 0.25]))


def make(width, gains=[1.0, 1.0]):
    table = [width, *gains]
    return lambda x: x * sum(table)


wide = make(2.0)
tanh = jnp.tanh


def reward_terms(state, action, next_state, params):
    sum, range = action[..., 0] + action[..., 1], 2.0
    found = []
    for gain, offset in PAIRS:
        found.append(gain * sum + offset)
    found += [wide(sum) * GAINS[0][1] * GAINS[1]["x"][0]]
    return {"a": tanh(found[0] + found[1] + found[2]) / range}
