"""The reward from its parts: weighted terms and potential-based shaping."""

from __future__ import annotations

import math
import struct
from typing import Any

from autoreward.records.verdict import CompiledReward
from autoreward.reward.forms import initial_memory, pay_step

EXPORT_ROWS = 257
"""How many rows the exported program sees at every call, the last of a smaller batch repeated: the number it was
tried with. A prime that is the size of no other axis: it stands for the batch in a shape (`reward.arrays.Rows`)."""


def compose_reward(terms: Any, weights: Any, phi: Any, phi_next: Any, gamma: float, terminated: Any) -> Any:
    """r = sum_k w_k * term_k + gamma * Phi(s') * (1 - terminated) - Phi(s).

    Works on numpy and jax arrays alike. Phi is zeroed where the episode terminated, never where it was truncated.

    Args:
        terms: unweighted terms [..., K].
        weights: signed weights [K], in the order of the terms.
        phi: Phi(s) [...].
        phi_next: Phi(s') [...], of the state before an automatic reset.
        gamma: discount factor of the potential, the one the policy is trained with.
        terminated: 1.0 or True where s' is terminal [...].

    Returns:
        Rewards [...].

    Source: Ng, Harada, Russell 1999, "Policy invariance under reward transformations", equation 2.
    """
    return (terms * weights).sum(axis=-1) + potential_shaping(phi, phi_next, gamma, terminated)


def potential_shaping(phi: Any, phi_next: Any, gamma: float, terminated: Any) -> Any:
    """gamma * Phi(s') * (1 - terminated) - Phi(s)  [...]; arguments as of `compose_reward`."""
    return gamma * phi_next * (1.0 - terminated) - phi


def pay_alone(xp: Any, compiled: CompiledReward, terms: Any, terminated: Any) -> Any:
    """What the terms of single steps pay by the program's form and weights [...], without its potential.

    A form that remembers earlier steps is asked without them: each step is the first of an episode that goes on.

    Args:
        xp: the namespace of the arrays.
        terms: unweighted [..., K].
        terminated: 1.0 where s' is terminal [...].
    """
    weights = xp.asarray(compiled.ordered_weights, terms.dtype)
    if compiled.form.plain:
        return (terms * weights).sum(axis=-1)
    flat = terms.reshape(-1, terms.shape[-1])
    over = xp.asarray(terminated, terms.dtype).reshape(-1)
    memory = initial_memory(xp, len(flat), flat.shape[-1])
    paid, _ = pay_step(xp, compiled.form.data(), compiled.term_names, flat, weights, over, 0.0 * over, memory)
    return paid.reshape(terms.shape[:-1])


def as_float32(number: float) -> float:
    """The number that the trainer computes with: infinite beyond 3.4e38, zero below 1e-45."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)
