"""`autoreward bench train --population`: does it matter how the environments are divided among candidates?

The same number of environments and of minibatches, divided among 1 to 32 candidates of three seeds each: with few
candidates each member has many environments. All shapes do the same steps in a round; the rounds are interleaved.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from autoreward.bench.contest import Entry, Measured, measure
from autoreward.bench.machine import this_machine
from autoreward.bench.population import Population
from autoreward.bench.train import ITERATIONS, QUICK_ITERATIONS, TASKS, check_device
from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.records import PPOSettings
from autoreward.views import PopulationBenchView, ProgressEvent, ShapeRow, Spread

ENV = "half_cheetah"
CANDIDATES = (1, 2, 4, 8, 16, 32)
LIKE = 8  # candidates that have `ppo.num_envs` environments a member; the others share as many
TOLERANCE = 0.15  # of the median cost


def bench_population(
    rounds: int,
    quick: bool,
    settings: Settings,
    on_event: Callable[[Any], None],
    candidates: tuple[int, ...] = CANDIDATES,
) -> PopulationBenchView:
    """Measure all shapes.

    Args:
        candidates: the shapes.

    Raises:
        UsageError: the environments cannot be divided so, or the device is not one that is measured.
        EnvironmentFailedError: a measured process failed.
    """
    check_device(settings)
    shapes = {count: shape(count, settings.ppo) for count in candidates}
    environment = open_environment(ENV, TASKS[ENV])
    length = QUICK_ITERATIONS if quick else ITERATIONS[ENV]
    seeds, iterations = settings.design.seeds, rounds * (length + 1)

    def tell(what: str) -> None:
        on_event(ProgressEvent(stage=f"population: {what}"))

    tell("writing rewards")
    population = Population(environment, TASKS[ENV], max(candidates), settings)
    env_steps = length * LIKE * seeds * settings.ppo.num_envs * settings.ppo.num_steps
    with tempfile.TemporaryDirectory(prefix="autoreward-bench-") as folder:
        entries = []
        for count, ppo in shapes.items():
            file = Path(folder) / f"{count}.json"
            file.write_text(population.job(count, seeds, ppo, iterations).model_dump_json(), encoding="utf-8")
            command = ["-m", "autoreward.bench.ours", str(file), "--length", str(length)]
            entries.append(Entry(_name(count), [command], env_steps))
        measured = measure(entries, rounds, tell)
    rows = shape_rows({count: measured[_name(count)] for count in shapes}, shapes, seeds)
    return PopulationBenchView(
        env=ENV,
        task=TASKS[ENV],
        command=f"autoreward bench train --population --rounds {rounds}" + (" --quick" if quick else ""),
        device="cpu",
        machine=this_machine(),
        num_minibatches=settings.ppo.num_minibatches,
        rounds=rounds,
        env_steps=env_steps,
        tolerance=TOLERANCE,
        rows=rows,
        passed=all(row.met for row in rows),
    )


def shape(candidates: int, ppo: PPOSettings) -> PPOSettings:
    """The settings with which so many candidates share the same environments.

    Raises:
        UsageError: they cannot be divided evenly.
    """
    num_envs, rest = divmod(LIKE * ppo.num_envs, candidates)
    if rest or num_envs * ppo.num_steps % ppo.num_minibatches:
        raise UsageError(
            f"{LIKE * ppo.num_envs} environments a seed cannot be divided among {candidates} candidates in "
            f"{ppo.num_minibatches} minibatches.",
            "Leave ppo.num_envs, num_steps and num_minibatches as they are.",
        )
    return ppo.model_copy(update={"num_envs": num_envs})


def shape_rows(measured: Mapping[int, Measured], shapes: Mapping[int, PPOSettings], seeds: int) -> tuple[ShapeRow, ...]:
    """Costs relative to the median of all shapes in the same round."""
    rounds = range(len(next(iter(measured.values())).rates))
    middle = [median(1.0 / one.rates[turn] for one in measured.values()) for turn in rounds]
    rows = []
    for count, one in measured.items():
        cost = Spread.of([1.0 / one.rates[turn] / middle[turn] for turn in rounds])
        rows.append(
            ShapeRow(
                candidates=count,
                members=count * seeds,
                num_envs=shapes[count].num_envs,
                rate=one.rate,
                cost=cost,
                met=abs(cost.median - 1.0) <= TOLERANCE,
            )
        )
    return tuple(rows)


def _name(candidates: int) -> str:
    return f"{candidates} candidates" if candidates > 1 else "1 candidate"
