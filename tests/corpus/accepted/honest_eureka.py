"""Temperature terms, as language models like to write them."""
import jax.numpy as jnp
from typing import Dict, Tuple

WEIGHTS = {"speed_reward": 1.5, "upright_reward": 0.5, "action_penalty": -0.05, "smoothness_penalty": -0.01}
PARAMS = {"speed_temperature": 0.8, "upright_temperature": 0.2, "target_speed": 2.0}


def _bell(value: jnp.ndarray, temperature: float) -> jnp.ndarray:
    """1 at zero, falling with the square."""
    return jnp.exp(-(value**2) / temperature)


def reward_terms(state, action, next_state, params) -> Dict[str, jnp.ndarray]:
    # target speed
    forward_speed = next_state.torso_velocity[:, 0]
    speed_error = params["target_speed"] - forward_speed
    speed_reward = _bell(speed_error, params["speed_temperature"])

    tilt = jnp.arccos(jnp.clip(next_state.torso_up[:, 2], -1.0, 1.0))
    upright_reward = _bell(tilt, params["upright_temperature"])

    jerk = action - jnp.roll(action, 1, axis=-1)
    return {
        "speed_reward": speed_reward,
        "upright_reward": upright_reward,
        "action_penalty": (action**2).sum(axis=1),
        "smoothness_penalty": jnp.linalg.norm(jerk, axis=-1),
    }
