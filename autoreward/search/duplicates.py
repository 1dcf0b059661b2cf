"""Near-duplicates among reward programs: how far apart two rewards are on real transitions, survival included.

The STARC distance of reward/distances.py projects a constant out, as a shift changes no order of policies; but where
episodes can end, a constant pays for surviving. So here the constant stays: what is projected out are potentials alone,
the constant potential among them, which is exactly what leaves optimal policies as they are. Where nothing on the
sample ended, the constant potential is a constant, and the two distances are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from autoreward.records import CompiledReward, Finding, Transitions, Verdict
from autoreward.reward.composition import pay_alone, potential_shaping
from autoreward.reward.distances import canonical, shaping_basis, starc_distances, state_features, trivial_rewards
from autoreward.reward.sandbox.sandbox import Sandbox, flat_transitions

RULE = "screen.duplicate"


def screen_duplicates(
    verdicts: Sequence[Verdict],
    earlier: Mapping[str, CompiledReward],
    transitions: Transitions,
    gamma: float,
    sandbox: Sandbox,
    apart: float,
    last: bool,
) -> list[Verdict]:
    """The verdicts, with those refused whose rewards are too near to an earlier one, or to one before them.

    Args:
        verdicts: of the critic, in the order in which slots are filled.
        earlier: rewards that were accepted before, by candidate.
        transitions: real ones.
        gamma: discount factor.
        apart: the distance that is asked for.
        last: nothing more is asked for in their place: they are only told so.
    """
    fresh = {one.candidate: one.reward for one in verdicts if one.status == "accepted" and one.reward is not None}
    others = {name: reward for name, reward in earlier.items() if name not in fresh}
    names, distances = reward_distances({**others, **fresh}, transitions, gamma, sandbox)
    kept, screened = [name for name in names if name in others], []
    for verdict in verdicts:
        finding = None
        if verdict.candidate in fresh and verdict.candidate in names and kept:
            row = distances[names.index(verdict.candidate)]
            nearest = min(kept, key=lambda name: row[names.index(name)])
            finding = _too_near(verdict.candidate, nearest, float(row[names.index(nearest)]), apart, last)
        if verdict.candidate in fresh and (finding is None or last):
            kept += [verdict.candidate] if verdict.candidate in names else []
        screened.append(verdict if finding is None else _with(verdict, finding))
    return screened


def _too_near(name: str, nearest: str, distance: float, apart: float, last: bool) -> Finding | None:
    if distance >= apart:
        return None
    return Finding(
        rule=RULE,
        severity="warning" if last else "error",
        message=f"{name} pays nearly what {nearest} pays: their STARC distance, survival included, is {distance:.3f} "
        f"(0: the same up to scale and shaping), expected at least {apart:g}."
        + (" It is trained all the same: enough was asked for." if last else ""),
        remedy="Pay for something else, or combine the terms in another way; other numbers alone are not enough.",
    )


def _with(verdict: Verdict, finding: Finding) -> Verdict:
    changes: dict[str, object] = {"findings": (*verdict.findings, finding)}
    if finding.severity == "error":
        changes |= {"status": "refused", "reward": None}
    return verdict.model_copy(update=changes)


def reward_distances(
    rewards: Mapping[str, CompiledReward], transitions: Transitions, gamma: float, sandbox: Sandbox
) -> tuple[tuple[str, ...], Float[np.ndarray, "K K"]]:
    """STARC distances with survival between rewards, on transitions of the environment.

    Args:
        rewards: by name.
        transitions: real ones, some of which may have ended an episode.
        gamma: discount factor.

    Returns:
        The names of the rewards that could be evaluated and are finite, and their distances, in [0, 1].
    """
    flat = flat_transitions(transitions)
    terminated = np.asarray(flat["next_state.terminated"], np.float64)
    paid: dict[str, np.ndarray] = {}
    potentials: list[tuple[np.ndarray, np.ndarray]] = []
    for name, reward in rewards.items():
        inputs = flat | {f"params.{one}": np.asarray(value, np.float32) for one, value in reward.params.items()}
        reply = sandbox.probe(reward.program, [{one: inputs[one] for one in reward.inputs}])
        if reply.failure is not None:
            continue
        output = reply.outputs[0]
        phi, phi_next = (np.asarray(output.get(one, 0.0), np.float64) for one in ("phi_state", "phi_next"))
        terms = np.asarray(output["terms"], np.float64)
        shaping = potential_shaping(phi, phi_next, gamma, terminated)
        total = np.asarray(pay_alone(np, reward, terms, terminated) + shaping, np.float64)
        if np.isfinite(total).all():
            paid[name] = total
            potentials += [(phi, phi_next)] if phi.ndim else []
    if not paid:
        return (), np.zeros((0, 0))
    values = np.stack(list(paid.values()))
    left = canonical(values, _potentials(flat, potentials, gamma, terminated))
    return tuple(paid), starc_distances(left, trivial_rewards(values, left))


def _potentials(
    flat: Mapping[str, np.ndarray], known: Sequence[tuple[np.ndarray, np.ndarray]], gamma: float, terminated: np.ndarray
) -> np.ndarray:
    """What potentials pay `[N, P]`, those of the programs among them, without a constant."""
    sides = [
        {name.removeprefix(f"{owner}."): array for name, array in flat.items() if name.startswith(f"{owner}.")}
        for owner in ("state", "next_state")
    ]
    psi, psi_next = state_features(*sides)
    psi = np.column_stack([psi, *(phi for phi, _ in known)])
    psi_next = np.column_stack([psi_next, *(phi_next for _, phi_next in known)])
    return shaping_basis(psi, psi_next, gamma, terminated)[:, :-1]
