"""`autoreward bench train`: how fast a population learns, beside the limit and beside stable-baselines3.

Rows, each in processes of its own, all with the same number of environment steps in a round:

    physics      the batched simulation alone, under the actions and through the states of `ours`: the limit
    ours         a population with the settings as they are, learning included
    ours_equal   the same with stable-baselines3's PPO work: 10 epochs, minibatches of 256, two layers of 64
    sb3          stable-baselines3 PPO with its defaults, 1 environment, one process a core: as it is usually run
    sb3_tuned    stable-baselines3 PPO, 16 environments a process, batches of 256, 10 epochs, one process a core

The rounds are interleaved; what a round counts is in windows.py: whole iterations of real work, with start-up, imports
and compilation outside. A ratio is taken round by round, so that what slows down both sides cancels. Peak memory is
resident memory, libraries included; that of `physics` includes the recorded actions.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autoreward.bench.contest import Entry, Measured, measure, run_once
from autoreward.bench.machine import this_machine
from autoreward.bench.population import Population
from autoreward.bench.sb3_speed import ROLLOUT
from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError, UsageError
from autoreward.process_environment import cores
from autoreward.records import PPOSettings, TrainingJob
from autoreward.views import ProgressEvent, SpeedRatio, SpeedRow, Spread, TrainBenchView

PHYSICS, OURS, OURS_EQUAL, SB3, SB3_TUNED = "physics", "ours", "ours_equal", "sb3", "sb3_tuned"
LABELS = {
    PHYSICS: "physics only (the limit)",
    OURS: "autoreward, default settings",
    OURS_EQUAL: "autoreward, 10 epochs, minibatch 256",
    SB3: "stable-baselines3 PPO, defaults",
    SB3_TUNED: "stable-baselines3 PPO, 16 environments, batch 256",
}
TASKS = {"half_cheetah": "forward", "hopper": "forward", "ant": "forward", "humanoid": "run"}
ITERATIONS = {"half_cheetah": 4, "hopper": 4, "ant": 2, "humanoid": 2}  # a window; a minute of the slowest row
QUICK_ITERATIONS = 1
RATIOS = ((OURS, PHYSICS), (OURS, SB3), (OURS_EQUAL, SB3_TUNED), (OURS, SB3_TUNED))
TARGETS: Mapping[tuple[str, str, str], float] = {  # on two cores
    ("half_cheetah", OURS, PHYSICS): 0.85,
    ("half_cheetah", OURS, SB3): 14.0,
    ("half_cheetah", OURS_EQUAL, SB3_TUNED): 3.0,
    ("hopper", OURS, PHYSICS): 0.88,
    ("ant", OURS, PHYSICS): 0.88,
    ("humanoid", OURS, PHYSICS): 0.88,
}
EPOCHS, MINIBATCH, LAYERS = 10, 256, (64, 64)  # of stable-baselines3's tuned row, and of `ours_equal`

OnEvent = Callable[[Any], None]


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    env: str
    rounds: int
    rows: tuple[str, ...] = tuple(LABELS)
    quick: bool = False
    profile: bool = False

    @property
    def command(self) -> str:
        """What to type to measure this again."""
        parts = ["autoreward bench train", f"--env {self.env}", f"--rounds {self.rounds}"]
        parts += [f"--rows {','.join(self.rows)}"] if self.rows != tuple(LABELS) else []
        parts += ["--quick"] if self.quick else []
        return " ".join(parts + (["--profile"] if self.profile else []))

    def iterations(self, ppo: PPOSettings, members: int) -> int:
        """Iterations of a window: enough that the processes of stable-baselines3 share its steps evenly."""
        wanted = QUICK_ITERATIONS if self.quick else ITERATIONS[self.env]
        shared = cores() * ROLLOUT
        whole = shared // math.gcd(shared, members * ppo.num_envs * ppo.num_steps)
        return -(-wanted // whole) * whole


def bench_train(plan: Plan, settings: Settings, on_event: OnEvent) -> TrainBenchView:
    """Measure one environment.

    Raises:
        UsageError: there is no such row, or the device is not one that is measured.
        UnknownNameError: the environment is not one of those that are measured.
        EnvironmentFailedError: a measured process failed.
    """
    left_out = _left_out(plan)
    rows = [name for name in plan.rows if name not in left_out]
    check_device(settings)
    check_environment(plan.env)
    task = TASKS[plan.env]
    environment = open_environment(plan.env, task)
    design = settings.design
    iterations = plan.iterations(settings.ppo, design.candidates * design.seeds)
    tell = _stage_reporter(plan.env, on_event)
    tell("writing rewards")
    population = Population(environment, task, design.candidates, settings)
    job = population.job(design.candidates, design.seeds, settings.ppo, (plan.rounds + 1) * (iterations + 1))
    with tempfile.TemporaryDirectory(prefix="autoreward-bench-") as folder:
        contest = _Contest(environment, job, iterations, Path(folder))
        measured = measure(contest.entries(rows, plan.rounds, tell), plan.rounds, tell)
        profile = None
        if plan.profile:
            profile = measure([contest.profiled()], 1, tell)["profile"].shares
    ratios = _ratios(plan.env, measured)
    return TrainBenchView(
        env=plan.env,
        task=task,
        command=plan.command,
        device="cpu",
        machine=this_machine(),
        ppo=settings.ppo,
        candidates=design.candidates,
        seeds=design.seeds,
        rounds=plan.rounds,
        env_steps=contest.env_steps,
        rows=tuple(_row(name, measured[name]) for name in rows),
        ratios=ratios,
        left_out=left_out,
        profile=profile,
        passed=all(ratio.met for ratio in ratios if ratio.target is not None),
    )


def check_device(settings: Settings) -> None:
    """Only the processor is measured.

    Raises:
        UsageError: another device was asked for.
    """
    if settings.device not in ("auto", "cpu"):
        raise UsageError(f"bench train measures on the cpu, not on {settings.device!r}.", "Leave --device away.")


def check_environment(env: str) -> None:
    """Only environments with a counterpart on the other side are measured.

    Raises:
        UnknownNameError: it is none of them.
    """
    if env not in TASKS:
        raise UnknownNameError("measured environment", env, TASKS)


def equal_work(ppo: PPOSettings) -> PPOSettings:
    """The same rollouts with the PPO work of stable-baselines3's tuned row."""
    minibatches = max(1, ppo.num_envs * ppo.num_steps // MINIBATCH)
    return ppo.model_copy(update={"update_epochs": EPOCHS, "num_minibatches": minibatches, "hidden": LAYERS})


class _Contest:
    """The processes of one environment."""

    def __init__(self, environment: Environment, job: TrainingJob, length: int, folder: Path) -> None:
        self._environment, self._job, self._length, self._folder = environment, job, length, folder
        self.env_steps = length * job.population_size * job.ppo.num_envs * job.ppo.num_steps

    def entries(self, rows: Sequence[str], rounds: int, tell: Callable[[str], None]) -> list[Entry]:
        """An entry for each row."""
        entries: list[Entry] = []
        for name in rows:
            if name == PHYSICS:
                tell("recording what the physics is asked for")
                entries.append(self._physics(rounds))
            elif name in (SB3, SB3_TUNED):
                entries.append(self._sb3(name, "defaults" if name == SB3 else "tuned"))
            else:
                ppo = self._job.ppo if name == OURS else equal_work(self._job.ppo)
                entries.append(Entry(name, [self._ours(name, ppo)], self.env_steps))
        return entries

    def profiled(self) -> Entry:
        """Our training with timers around its parts."""
        return Entry("profile", [[*self._ours("profile", self._job.ppo), "--profile"]], self.env_steps)

    def _ours(self, name: str, ppo: PPOSettings) -> list[str]:
        file = self._folder / f"{name}.json"
        file.write_text(self._job.model_copy(update={"ppo": ppo}).model_dump_json(), encoding="utf-8")
        return ["-m", "autoreward.bench.ours", str(file), "--length", str(self._length)]

    def _physics(self, rounds: int) -> Entry:
        file = self._folder / "recording.npz"
        command = [*self._ours("recording", self._job.ppo), "--rounds", str(rounds), "--record", str(file)]
        run_once("recording what the physics is asked for", command)
        where = ["--env", self._job.env_path or self._job.env, "--task", str(self._job.task)]
        replay = ["-m", "autoreward.bench.replay", str(file), *where, "--length", str(self._length)]
        return Entry(PHYSICS, [replay], self.env_steps)

    def _sb3(self, name: str, variant: str) -> Entry:
        processes = cores()
        steps = self.env_steps // processes
        spec = self._environment.spec
        commands = [
            [
                "-m", "autoreward.bench.sb3_speed", "--env", str(spec.mirrors), "--env-arguments",
                json.dumps(dict(spec.mirror_arguments)), "--variant", variant, "--seed", str(seed),
                "--length", str(steps // ROLLOUT),
            ]
            for seed in range(processes)
        ]  # fmt: skip
        return Entry(name, commands, steps, one_thread=True)


def _left_out(plan: Plan) -> dict[str, str]:
    wrong = sorted(set(plan.rows) - set(LABELS))
    if wrong or not plan.rows:
        raise UsageError(f"--rows: there is no row {', '.join(wrong) or 'in it'}.", f"Known: {', '.join(LABELS)}.")
    left_out = {name: "not asked for" for name in LABELS if name not in plan.rows}
    missing = [package for package in ("stable_baselines3", "torch") if find_spec(package) is None]
    if missing:
        reason = f"{' and '.join(missing)} not installed: pip install 'autoreward[sb3]'"
        left_out |= {name: reason for name in (SB3, SB3_TUNED) if name in plan.rows}
    return left_out


def _row(name: str, measured: Measured) -> SpeedRow:
    return SpeedRow(
        name=name,
        label=LABELS[name],
        processes=cores() if name in (SB3, SB3_TUNED) else 1,
        rate=measured.rate,
        rates=tuple(round(rate, 1) for rate in measured.rates),
        peak_memory=measured.peak_memory,
    )


def _ratios(env: str, measured: Mapping[str, Measured]) -> tuple[SpeedRatio, ...]:
    ratios = []
    for of, to in RATIOS:
        if of in measured and to in measured:
            ratio = Spread.of([a / b for a, b in zip(measured[of].rates, measured[to].rates, strict=True)])
            target = TARGETS.get((env, of, to))
            met = None if target is None else ratio.median >= target
            ratios.append(SpeedRatio(of=of, to=to, ratio=ratio, target=target, met=met))
    return tuple(ratios)


def _stage_reporter(env: str, on_event: OnEvent) -> Callable[[str], None]:
    return lambda what: on_event(ProgressEvent(stage=f"{env}: {what}"))
