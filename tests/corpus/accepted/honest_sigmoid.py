WEIGHTS = {"reached": 2.0, "smooth": 0.5, "soft": 0.1}
PARAMS = {"temperature": 0.1, "scale": 5.0}


def sigmoid(x):
    return 1.0 / (1.0 + jnp.exp(-jnp.clip(x, -30.0, 30.0)))


def softplus(x):
    return jnp.logaddexp(x, 0.0)


def reward_terms(state, action, next_state, params):
    distance = jnp.linalg.norm(next_state.goal_offset[..., :2], axis=-1)
    reached = sigmoid((0.1 - distance) / params["temperature"])
    smooth = jnp.exp(-jnp.mean(jnp.square(action), axis=-1) / params["temperature"])
    return {"reached": reached, "smooth": smooth, "soft": -softplus(params["scale"] * distance) / params["scale"]}
