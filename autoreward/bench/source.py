"""`autoreward bench train --env ID`: how much of its own speed somebody else's environment has left while we learn.

Rows, each in processes of its own, all with the same number of environment steps in a round:

    source       the environment alone, under random actions, in as many copies, stepped as we step them: the limit
    as_policy    the same, under actions as a policy draws them before it has learned: physics may take longer then
    one_process  as `source`, one copy after the other in one process, as Gymnasium's synchronous vector does
    ours         a population with the settings as they are, learning included
    sb3_source   stable-baselines3 PPO on the same copies, 16 in a batch, batches of 256, 10 epochs, one process a core
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autoreward.bench.contest import Entry, Measured, measure
from autoreward.bench.machine import this_machine
from autoreward.bench.population import Population
from autoreward.bench.train import Plan, check_device
from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import split_environment
from autoreward.errors import UsageError
from autoreward.process_environment import cores
from autoreward.records import TrainingJob
from autoreward.trainer.fewer_copies import settings_that_fit
from autoreward.views import ProgressEvent, SpeedRatio, SpeedRow, Spread, TrainBenchView

SOURCE, AS_POLICY, ONE_PROCESS, OURS, SB3_SOURCE = "source", "as_policy", "one_process", "ours", "sb3_source"
LABELS = {
    SOURCE: "its own code, random actions (the limit)",
    AS_POLICY: "its own code, actions of an untrained policy",
    ONE_PROCESS: "its own code, one copy after the other",
    OURS: "autoreward, default settings",
    SB3_SOURCE: "stable-baselines3 PPO on the same copies",
}
METRIC = "env:return"
TARGET = 0.8  # of its own rate: of EnvPool's batch, or of Gymnasium's copies one after the other
ITERATIONS, QUICK_ITERATIONS = 2, 1  # a window
ROLLOUT = 2048  # environment steps of an iteration of stable-baselines3


def bench_source(plan: Plan, settings: Settings, on_event: Callable[[Any], None]) -> TrainBenchView:
    """Measure one environment of somebody else.

    Raises:
        UsageError: there is no such row, or the device is not one that is measured.
        EnvironmentFailedError: a measured process failed, or the embedded designer finds too few rewards.
    """
    wrong = sorted(set(plan.rows) - set(LABELS))
    if wrong or not plan.rows:
        raise UsageError(f"--rows: there is no row {', '.join(wrong) or 'in it'}.", f"Known: {', '.join(LABELS)}.")
    check_device(settings)
    environment, design = open_environment(split_environment(plan.env, None)[0]), settings.design
    left_out = _left_out(plan, environment)
    rows = [name for name in LABELS if name in plan.rows and name not in left_out]
    length = _window(plan, design.candidates * design.seeds * settings.ppo.num_envs * settings.ppo.num_steps)

    def tell(what: str) -> None:
        on_event(ProgressEvent(stage=f"{environment.spec.name}: {what}"))

    tell("writing rewards")
    population = Population(environment, None, design.candidates, settings, METRIC)
    ppo = settings_that_fit(settings.ppo, environment.pack, design.candidates * design.seeds)
    job = population.job(design.candidates, design.seeds, ppo, (plan.rounds + 1) * (length + 1))
    with tempfile.TemporaryDirectory(prefix="autoreward-bench-") as folder:
        measured = measure(_entries(rows, job, length, Path(folder)), plan.rounds, tell)
    ratios = _ratios(measured)
    return TrainBenchView(
        env=environment.spec.name,
        task=METRIC,
        command=plan.command,
        device="cpu",
        machine=this_machine(),
        ppo=ppo,
        candidates=design.candidates,
        seeds=design.seeds,
        rounds=plan.rounds,
        env_steps=_env_steps(job, length),
        rows=tuple(_row(name, measured[name]) for name in rows),
        ratios=ratios,
        left_out=left_out,
        profile=None,
        passed=all(ratio.met for ratio in ratios if ratio.target is not None),
    )


def _left_out(plan: Plan, environment: Environment) -> dict[str, str]:
    left_out = {name: "not asked for" for name in LABELS if name not in plan.rows}
    missing = [package for package in ("stable_baselines3", "torch") if find_spec(package) is None]
    foreign = environment.pack.foreign
    if foreign is not None and foreign.choices:
        left_out.setdefault(AS_POLICY, "it draws its choices at random")
    if foreign is not None and foreign.parsed.source == "envpool":
        left_out.setdefault(ONE_PROCESS, "EnvPool steps its copies in threads")
    if foreign is not None and foreign.action_kind not in ("box", "discrete"):
        left_out.setdefault(SB3_SOURCE, f"actions of {foreign.action_space} are not measured")
    if missing:
        reason = f"{' and '.join(missing)} not installed: pip install 'autoreward[sb3]'"
        left_out.setdefault(SB3_SOURCE, reason)
    return left_out


def _window(plan: Plan, rollout: int) -> int:
    """Iterations of a window: enough that the processes of stable-baselines3 share its steps evenly."""
    wanted, shared = QUICK_ITERATIONS if plan.quick else ITERATIONS, cores() * ROLLOUT
    whole = shared // math.gcd(shared, rollout)
    return -(-wanted // whole) * whole


def _env_steps(job: TrainingJob, length: int) -> int:
    return length * job.population_size * job.ppo.num_envs * job.ppo.num_steps


def _entries(rows: list[str], job: TrainingJob, length: int, folder: Path) -> list[Entry]:
    """An entry for each row."""
    steps, where = _env_steps(job, length), ["--env", job.env_path or job.env]
    copies, of_each = job.population_size * job.ppo.num_envs, job.ppo.num_steps
    file = folder / "job.json"
    file.write_text(job.model_dump_json(), encoding="utf-8")
    shares, spread = cores(), math.exp(job.ppo.log_std_init)
    random = ["-m", "autoreward.bench.source_alone", *where, "--copies", str(copies), "--steps", str(of_each)]
    sb3 = [
        ["-m", "autoreward.bench.sb3_source", *where, "--seed", str(seed), "--length", str(steps // shares // ROLLOUT)]
        for seed in range(shares)
    ]
    entries = {
        SOURCE: Entry(SOURCE, [[*random, "--length", str(length)]], steps),
        AS_POLICY: Entry(AS_POLICY, [[*random, "--length", str(length), "--spread", str(spread)]], steps),
        ONE_PROCESS: Entry(ONE_PROCESS, [[*random, "--length", str(length), "--alone"]], steps),
        OURS: Entry(OURS, [["-m", "autoreward.bench.ours", str(file), "--length", str(length)]], steps),
        SB3_SOURCE: Entry(SB3_SOURCE, sb3, steps // shares, one_thread=True),
    }
    return [entries[name] for name in rows]


def _row(name: str, measured: Measured) -> SpeedRow:
    return SpeedRow(
        name=name,
        label=LABELS[name],
        processes=cores() if name == SB3_SOURCE else 1,
        rate=measured.rate,
        rates=tuple(round(rate, 1) for rate in measured.rates),
        peak_memory=measured.peak_memory,
    )


def _ratios(measured: Mapping[str, Measured]) -> tuple[SpeedRatio, ...]:
    ratios = []
    own = ONE_PROCESS if ONE_PROCESS in measured else SOURCE
    for to in (SOURCE, AS_POLICY, ONE_PROCESS, SB3_SOURCE):
        if OURS in measured and to in measured:
            of, target = OURS, TARGET if to == own else None
            ratio = Spread.of([a / b for a, b in zip(measured[of].rates, measured[to].rates, strict=True)])
            met = None if target is None else ratio.median >= target
            ratios.append(SpeedRatio(of=of, to=to, ratio=ratio, target=target, met=met))
    return tuple(ratios)
