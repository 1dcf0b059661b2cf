"""What T steps of a population gave: the environments' side and the policies' side of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float, Shaped

from autoreward.environment.vector_env import Rollout

Array = Any  # of numpy, or of jax where the rollout stays on a device


@dataclass(frozen=True)
class PopulationRollout:
    """T steps of M members with E environments each, N = M * E. Arrays of numpy, or all of jax."""

    steps: Rollout
    action: Float[
        Array, "T M E A"
    ]  # as the policies drew them: unclipped, in -1..1 where the policy means it; or one-hot
    noise: Float[Array, "T M E A"]  # what they were drawn with; see heads.py
    state: Mapping[str, Shaped[Array, "T N ..."]]  # fields, float32
    next_state: Mapping[str, Shaped[Array, "T N ..."]]  # before the automatic reset
