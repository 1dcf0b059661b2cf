"""`autoreward bench combine`: what learning the weights of given terms is worth, beside weights that stay.

One program a task, its weights as a person would write them (good), all 1 but for their signs (unscaled), with a term
that pays for the opposite (misleading), and with all signs wrong (wrong). Every way of combining trains all four, in
one population on equal seeds; the success of each is put beside that of good fixed weights. A way of combining is one
training; it is stored as soon as it is done, so that a kill loses one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from autoreward.bench.stored import OnEvent, StoredTraining, by_seed, compiled
from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.errors import UnknownNameError
from autoreward.intervals import compare_paired, interval
from autoreward.records import CombinationSpec, RankedFactor, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.views import CombineRow, CombineView

FORWARD, EFFORT = "next_state.torso_mean_velocity[..., 0]", "jnp.sum(jnp.square(action), axis=-1)"
ALIVE = "1.0 - next_state.terminated"
TERMS: Mapping[str, Mapping[str, tuple[float, str]]] = {  # weights as in Gymnasium's own reward
    "half_cheetah": {"forward": (1.0, FORWARD), "effort": (-0.1, EFFORT)},
    "hopper": {"forward": (1.0, FORWARD), "alive": (1.0, ALIVE), "effort": (-1e-3, EFFORT)},
}
TASK = "forward"
BACKWARD, BACKWARD_WEIGHT = f"-{FORWARD}", 2.0  # what misleads: more than the goal pays, for the opposite
RANK = (RankedFactor(term="forward", margin=0.5), RankedFactor(term="effort", better="less", margin=0.1))
WAYS: Mapping[str, CombinationSpec] = {
    "fixed": CombinationSpec(),
    "episodic": CombinationSpec(kind="episodic"),
    "episodic network": CombinationSpec(kind="episodic", model="network"),
    "ranked": CombinationSpec(kind="ranked", rank=RANK),
    "ranked network": CombinationSpec(kind="ranked", rank=RANK, model="network"),
    "aligned": CombinationSpec(kind="aligned"),
    "adapt": CombinationSpec(adapt=True),
}
SPARSE = "sparse"
Weights = Literal["good", "unscaled", "misleading", "wrong"]
WEIGHTS: tuple[Weights, ...] = ("good", "unscaled", "misleading", "wrong")


@dataclass(frozen=True)
class CombineSize:
    """How much is trained."""

    seeds: int
    n_timesteps: int  # environment steps a seed
    ways: tuple[str, ...]  # of combining


def measure_combinations(
    env: str, folder: Path, size: CombineSize, settings: Settings, on_event: OnEvent
) -> CombineView:
    """Train what is missing, and compare.

    Args:
        env: one of those with terms here.
        folder: where results are stored; made where it does not exist.

    Raises:
        UnknownNameError: an environment or a way that is not compared.
        UsageError: the folder has results of other sizes.
    """
    if env not in TERMS:
        raise UnknownNameError("environment to compare in", env, TERMS)
    for way in size.ways:
        if way not in WAYS:
            raise UnknownNameError("way of combining", way, WAYS)
    design = settings.design.model_copy(update={"seeds": size.seeds, "n_timesteps": size.n_timesteps})
    settings = settings.model_copy(update={"design": design})
    results = {}
    for way in size.ways:
        training = StoredTraining(folder, way.replace(" ", "_"), env, TASK, settings)
        members = training.members(partial(_rewards, way), on_event)
        results[way] = {name: by_seed(members, name) for name in dict.fromkeys(one.candidate for one in members)}
    return _view(env, size, results, design.evaluation_episodes)


def program_of(env: str, weights: Weights) -> str:
    """The source of one program."""
    terms = dict(TERMS[env])
    if weights == "unscaled":
        terms = {name: (1.0 if weight > 0.0 else -1.0, expression) for name, (weight, expression) in terms.items()}
    if weights == "misleading":
        terms["backward"] = (BACKWARD_WEIGHT, BACKWARD)
    if weights == "wrong":
        terms = {name: (-weight, expression) for name, (weight, expression) in terms.items()}
    return program_text(f"Forward, with {weights} weights.", terms)


def program_text(meaning: str, terms: Mapping[str, tuple[float, str]]) -> str:
    """A program of terms, each with its weight and its expression."""
    lines = [f'        "{name}": {expression},' for name, (_, expression) in terms.items()]
    numbers = {name: weight for name, (weight, _) in terms.items()}
    head = f'"""{meaning}"""\n\nWEIGHTS = {json.dumps(numbers)}\n\n\n'
    return head + "\n".join(["def reward_terms(state, action, next_state, params):", "    return {", *lines, "    }\n"])


def _rewards(way: str, environment: Environment, sandbox: Sandbox) -> dict[str, RewardSpec]:
    """The four programs under one way of combining; beside fixed weights also the progress alone."""
    sources: dict[str, str] = {name: program_of(environment.spec.name, name) for name in WEIGHTS}
    rewards = {
        name: RewardSpec(kind="program", compiled=reward, combination=WAYS[way])
        for name, reward in compiled(sources, environment, sandbox).items()
    }
    return rewards | ({SPARSE: RewardSpec(kind="sparse")} if way == "fixed" else {})


def _view(
    env: str, size: CombineSize, results: Mapping[str, Mapping[str, Mapping[int, float]]], episodes: int
) -> CombineView:
    good = results.get("fixed", {}).get("good", {})
    rows = [
        CombineRow(
            way=SPARSE if weights == SPARSE else way,
            weights=weights,
            fitness=interval(list(successes.values()), len(successes) * episodes),
            difference=compare_paired(successes, good, episodes) if good and successes is not good else None,
        )
        for way, found in results.items()
        for weights, successes in found.items()
        if successes
    ]
    return CombineView(env=env, task=TASK, seeds=size.seeds, n_timesteps=size.n_timesteps, rows=tuple(rows))
