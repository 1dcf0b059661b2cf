from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

WEIGHTS: dict[str, float] = {"forward": 1.0}


def import_force(eval_distance: Any) -> jnp.ndarray:
    return np.exp(-eval_distance / math.pi)


def reward_terms(state: Any, action: jnp.ndarray, next_state: Any, params: dict[str, float]) -> dict[str, jnp.ndarray]:
    return {"forward": import_force(jnp.square(next_state.torso_velocity[..., 0]))}
