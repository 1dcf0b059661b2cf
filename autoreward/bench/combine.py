"""`autoreward bench combine`: what learning the weights of given terms is worth, beside weights that stay.

One program a task, its weights as a person would write them (good), all 1 but for their signs (unscaled), with a term
that pays for the opposite (misleading), and with all signs wrong (wrong). Every way of combining trains all four, in
one population on equal seeds; the success of each is put beside that of good fixed weights. A way of combining is one
training; it is stored as soon as it is done, so that a kill loses one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError, UsageError
from autoreward.intervals import compare_paired, interval
from autoreward.ledger.files import write_atomic
from autoreward.records import CombinationSpec, CompiledReward, RankedFactor, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.progress import training_listener
from autoreward.search.request import compile_metric, make_task
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.jobs import TrainingSetup
from autoreward.views import CombineRow, CombineView

OnEvent = Callable[[Any], None]

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
    missing = [way for way in size.ways if _read(folder, env, way, size) is None]
    if missing:
        _train_missing(env, folder, size, missing, settings, on_event)
    results = {way: _read(folder, env, way, size) or {} for way in size.ways}
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
    lines = [f'        "{name}": {expression},' for name, (_, expression) in terms.items()]
    numbers = {name: weight for name, (weight, _) in terms.items()}
    head = f'"""Forward, with {weights} weights."""\n\nWEIGHTS = {json.dumps(numbers)}\n\n\n'
    return head + "\n".join(["def reward_terms(state, action, next_state, params):", "    return {", *lines, "    }\n"])


def _train_missing(
    env: str, folder: Path, size: CombineSize, missing: list[str], settings: Settings, on_event: OnEvent
) -> None:
    environment = open_environment(env, TASK)
    with Sandbox(settings.require_isolation) as sandbox, TrainerWorker() as worker:
        worker.start()
        metric = compile_metric(environment, make_task(environment, None, TASK, None), sandbox)
        setup = TrainingSetup(environment, TASK, metric, settings)
        compiled = _compiled(environment, sandbox)
        for way in missing:
            rewards = {
                name: RewardSpec(kind="program", compiled=reward, combination=WAYS[way])
                for name, reward in compiled.items()
            }
            if way == "fixed":
                rewards[SPARSE] = RewardSpec(kind="sparse")
            job = setup.job(way, rewards, range(size.seeds), population_size=len(rewards) * size.seeds)
            result, _ = worker.train(job, training_listener(on_event))
            members = [one.model_dump(mode="json") for one in result.members]
            stored = {"seeds": size.seeds, "n_timesteps": size.n_timesteps, "seconds": result.seconds}
            folder.mkdir(parents=True, exist_ok=True)
            write_atomic(_file(folder, env, way), json.dumps(stored | {"members": members}, indent=1) + "\n")


def _compiled(environment: Environment, sandbox: Sandbox) -> dict[str, CompiledReward]:
    sources = [(name, program_of(environment.spec.name, name)) for name in WEIGHTS]
    verdicts = check(sources, environment.spec, environment.transitions, sandbox)
    return {one.candidate: one.reward for one in verdicts if one.reward is not None}


def _file(folder: Path, env: str, way: str) -> Path:
    return folder / f"{env}_{way.replace(' ', '_')}.json"


def _read(folder: Path, env: str, way: str, size: CombineSize) -> dict[str, dict[int, float]] | None:
    """Success by weights and seed; None where it is not trained yet."""
    path = _file(folder, env, way)
    if not path.is_file():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    if (stored["seeds"], stored["n_timesteps"]) != (size.seeds, size.n_timesteps):
        seen = f"{stored['seeds']} seeds x {stored['n_timesteps']:,} steps"
        raise UsageError(f"{path} has {seen}, asked for {size.seeds} x {size.n_timesteps:,}.", "Name another folder.")
    found: dict[str, dict[int, float]] = {}
    for one in stored["members"]:
        if one["success"] is not None and one["seed"] < size.seeds:
            found.setdefault(one["candidate"], {})[one["seed"]] = one["success"]
    return found


def _view(
    env: str, size: CombineSize, results: Mapping[str, Mapping[str, Mapping[int, float]]], episodes: int
) -> CombineView:
    good = results.get("fixed", {}).get("good", {})
    rows = [
        CombineRow(
            way=SPARSE if weights == SPARSE else way,
            weights=weights,
            fitness=interval(list(by_seed.values()), len(by_seed) * episodes),
            difference=compare_paired(by_seed, good, episodes) if good and by_seed is not good else None,
        )
        for way, found in results.items()
        for weights, by_seed in found.items()
    ]
    return CombineView(env=env, task=TASK, seeds=size.seeds, n_timesteps=size.n_timesteps, rows=tuple(rows))
