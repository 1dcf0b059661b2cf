"""Stage by stage, as Text2Reward writes for this task: first the hand reaches the handle, then the drawer is pushed."""

WEIGHTS = {"reach": 0.5, "push": 1.0, "calm": -0.01}
PARAMS = {"near": 0.1, "reach_scale": 0.1, "push_scale": 0.1}


def reward_terms(state, action, next_state, params):
    seen = next_state.observation
    hand = jnp.sqrt(jnp.sum(jnp.square(seen[..., 0:3] - seen[..., 4:7]), axis=-1))
    left = jnp.sqrt(jnp.sum(jnp.square(seen[..., 4:7] - seen[..., 36:39]), axis=-1))
    return {
        "reach": 1.0 - jnp.tanh(hand / params["reach_scale"]),
        "push": jnp.where(hand < params["near"], 1.0 - jnp.tanh(left / params["push_scale"]), 0.0),
        "calm": jnp.sum(jnp.square(action), axis=-1),
    }
