from __future__ import annotations

import math
from typing import Any, Dict, Optional, Tuple, Union

import jax.numpy as jnp
import numpy as np

WEIGHTS: Dict[str, float] = {"turn": 1.0, "speed": 0.5}
PARAMS: Dict[str, float] = {"angle": 0.5}
HALF_TURN: float = math.pi


def wrapped(angle: jnp.ndarray, period: float = 6.283185) -> jnp.ndarray:
    """The angle between -pi and pi."""
    return angle - period * jnp.round(angle / period)


def reward_terms(
    state: Any, action: jnp.ndarray, next_state: Any, params: Dict[str, Union[float, jnp.ndarray]]
) -> Dict[str, jnp.ndarray]:
    heading: jnp.ndarray = jnp.arctan2(next_state.torso_velocity[..., 1], next_state.torso_velocity[..., 0] + 1e-6)
    error: jnp.ndarray = wrapped(heading - params["angle"])
    best: Optional[float] = None
    speed: jnp.ndarray = np.sqrt(np.sum(np.square(next_state.torso_velocity[..., :2]), axis=-1) + 1e-9)
    return {"turn": 1.0 - jnp.abs(error) / HALF_TURN, "speed": speed}
