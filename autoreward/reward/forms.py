"""What the terms of a step are paid, by their form: one text for training on numpy and jax arrays, and for the export.

x_k = w_k * t_k is a weighted term. The weight of a gate or a penalty is its exponent: with 1 it is as
it is, with 0 it is ignored.

    sum          sum_k x_k
    gate         (sum over the goals of x_k) * prod over the gates of clip(t_k, 0, 1) ^ w_k
                 Source: the conditions that Text2Reward's programs write inside terms, as data.
    product      the same with penalties in place of gates, and sum over the terminal terms of x_k where it terminates
                 Source: Jaeger et al. 2025, "CaRL", arXiv:2504.17838: r = progress * prod p_i - T.
    root         sign * (prod |x_k|) ^ (1 / K), positive only where all x_k are
                 Source: Moschopoulos et al. 2023, "Lucy-SKG", arXiv:2305.15801: kinesthetic reward combination.
    min          min_k x_k
                 Source: the min form of Cheng et al. 2025, "PURE", arXiv:2504.15275, over the terms of a step in place
                 of the steps of an answer.
    centred      sigmoid(sum_k x_k - reference)
                 Source: Fu et al. 2025, "PAR", arXiv:2502.18770: the reference is a policy that learned nothing.
    accumulated  R_t, and with the last step of an episode 1[R >= threshold] * sum_t r_t: R_t are the x_k of the outcome
                 in a step, R their sum over the episode, r_t the x_k of all others
                 Source: "Stabilizing Long-term Multi-turn Reinforcement Learning with Gated Rewards" (G-RA), 2025,
                 arXiv:2508.10548.
    sign         sgn(the sum of the sparse x_k) + 0.1 * sgn(the sum of the others)
                 Source: Li et al. 2024, "Auto MC-Reward", arXiv:2312.09238: sparse rewards of 1 and -1, dense ones
                 of 0.1.
    delta        t_k - t_k of the step before in place of t_k; 0 in the first step of an episode
    clip         limits of what comes out
                 Source of both as operators on rewards: Cheng et al. 2025, "DERL", arXiv:2512.13399.

What stands below the line is copied into every exported reward with a form: it needs nothing but the namespace `xp`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Array = Any  # of numpy or jax
Memory = Any  # of each environment: arrays by name


# --- How the terms become one number -------------------------------------------------------------------------

SIGN_SHARE = 0.1  # sign: of what is dense


def initial_memory(xp: Any, count: int, size: int) -> Memory:
    """What `count` environments with `size` terms remember before the first step of their episodes."""
    nothing = xp.zeros((count,), xp.float32)
    return {
        "begun": nothing,
        "terms": xp.zeros((count, size), xp.float32),
        "outcome": nothing,
        "held": nothing,
    }


def pay_step(
    xp: Any, form: Mapping[str, Any], names: Sequence[str], terms: Array, weights: Array, terminated: Array,
    ended: Array, memory: Memory,
) -> tuple[Array, Memory]:  # fmt: skip
    """What one step pays, and what is remembered of it.

    Args:
        form: the data of a FORM.
        names: of the K terms.
        terms: unweighted [..., K]; [n, K] where the form remembers.
        weights: [K] or [..., K].
        terminated: 1.0 where s' is terminal [...].
        ended: 1.0 where the episode ends with this step, by a time limit too [...].
        memory: of the episodes so far, `initial_memory` at first.
    """
    used = terms
    if form.get("delta"):
        chosen = xp.asarray([float(name in form["delta"]) for name in names], xp.float32)
        change = (terms - memory["terms"]) * memory["begun"][..., None]
        used = xp.where(chosen > 0.0, change, terms)
    if form["kind"] == "accumulated":
        now = sum_of(xp, names, used * weights, form["outcome"])
        waiting = sum_of(xp, names, used * weights, [name for name in names if name not in form["outcome"]])
        outcome, held = memory["outcome"] + now, memory["held"] + waiting
        reached = (outcome >= xp.float32(form["threshold"])) & (ended > 0.0)
        paid = now + xp.where(reached, held, xp.float32(0.0))
        memory = {**memory, "outcome": outcome * (1.0 - ended), "held": held * (1.0 - ended)}
    else:
        paid = combined(xp, form, names, used, weights, terminated)
    if form.get("clip"):
        paid = xp.clip(paid, xp.float32(form["clip"][0]), xp.float32(form["clip"][1]))
    if form.get("delta"):
        memory = {**memory, "terms": terms, "begun": xp.ones_like(memory["begun"]) * (1.0 - ended)}
    return paid, memory


def combined(
    xp: Any, form: Mapping[str, Any], names: Sequence[str], terms: Array, weights: Array, terminated: Array
) -> Array:
    """The kinds that look at one step alone [...]."""
    kind, paid = form["kind"], terms * weights
    if kind == "root":
        size = xp.prod(xp.abs(paid) ** (1.0 / len(names)), axis=-1)
        return xp.where(xp.min(paid, axis=-1) > 0.0, size, -size)
    if kind == "min":
        return xp.min(paid, axis=-1)
    if kind == "sign":
        done = sum_of(xp, names, paid, form["sparse"])
        rest = sum_of(xp, names, paid, [name for name in names if name not in form["sparse"]])
        return xp.sign(done) + xp.float32(SIGN_SHARE) * xp.sign(rest)
    if kind == "centred":
        above = xp.clip(xp.sum(paid, axis=-1) - xp.float32(form.get("reference") or 0.0), -80.0, 80.0)
        return 1.0 / (1.0 + xp.exp(-above))
    factors = form.get("gates") or form.get("penalties") or ()
    terminal = form.get("terminal") or ()
    goals = sum_of(xp, names, paid, [name for name in names if name not in factors and name not in terminal])
    strength = weights + xp.zeros_like(terms)
    for name in factors:
        place = list(names).index(name)
        goals = goals * xp.clip(terms[..., place], 0.0, 1.0) ** strength[..., place]
    return goals + sum_of(xp, names, paid, terminal) * terminated


def sum_of(xp: Any, names: Sequence[str], paid: Array, chosen: Sequence[str]) -> Array:
    """The sum over some terms [...]; zeros where there is none."""
    mask = xp.asarray([float(name in chosen) for name in names], xp.float32)
    return xp.sum(xp.where(mask > 0.0, paid, xp.float32(0.0)), axis=-1)
