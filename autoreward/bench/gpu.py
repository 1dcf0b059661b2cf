"""`python -m autoreward.bench.gpu`: how fast populations learn on a GPU, beside the physics alone, and against goals.

For each environment: MJX alone; populations of 1 x 1, 8 x 3 and 16 x 5 (candidates x seeds) at the same total number of
environments, learning included; how soon a new reward trains; and one training to the end. A lease of a GPU machine is
short, so each part's result is written as soon as it is there, and no part begins after the limit.

`--device cpu-mjx` rehearses all of it on the CPU with tiny numbers, which say nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

import jax
import jax.numpy as jnp
import numpy as np

from autoreward.config import DesignSettings, Settings
from autoreward.environment.environment import Environment
from autoreward.environment.mjx_env import MjxEnv
from autoreward.environment.pack import Noise
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import human_reward, load_task
from autoreward.errors import AutorewardError, EnvironmentFailedError, UsageError
from autoreward.recordings import Recordings
from autoreward.records import CompiledMetric, CompiledReward, PPOSettings, RewardSpec, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.backends.device import GPU, ON_GPU, REHEARSAL, REHEARSALS, choose_device, impl_of, placed_on
from autoreward.trainer.backends.mjx_backend import MjxBackend, MjxPrograms
from autoreward.trainer.jobs import TrainingSetup
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.trainer import Trainer, discount
from autoreward.trainer.population.training import PopulationTraining
from autoreward.trainer.progress import Progress

Json = dict[str, Any]

TASKS = {"half_cheetah": "forward", "ant": "forward", "humanoid": "run", "inverted_pendulum": "balance"}
PACKAGES = (
    "autoreward",
    "jax",
    "jaxlib",
    "jax-cuda12-plugin",
    "jax-cuda13-plugin",
    "mujoco",
    "mujoco-mjx",
    "warp-lang",
    "numpy",
    "optax",
)
COMMAND = "python -m autoreward.bench.gpu"
MINIBATCH = 512  # transitions, as on the CPU
LEARNED_ON_CPU = {"half_cheetah": 338.0}  # [m] what `autoreward bench learn` reaches in 1 M steps on the CPU
# Goals: what is at least (True) or at most (False) wanted of a part's number.
PHYSICS_SHARE, CANDIDATE_RATIO, START_SECONDS, LEARN_SECONDS = 0.70, 1.15, 2.0, 60.0


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    envs: tuple[str, ...] = ("half_cheetah", "ant", "humanoid")
    device: str = GPU
    total_envs: int = 7680  # a multiple of 1, 24 and 80
    num_steps: int = 32
    populations: tuple[tuple[int, int], ...] = ((1, 1), (8, 3), (16, 5))  # candidates x seeds
    window: int = 4  # iterations that are timed, after the first
    learn_members: int = 8
    learn_steps: int = 1_000_000  # a member; only half_cheetah, and the rehearsal
    limit: float = 540.0  # [s] after which no part begins


REHEARSED = Plan(
    envs=("inverted_pendulum",), device=REHEARSAL, total_envs=8, num_steps=8, populations=((1, 1), (2, 1)), window=2,
    learn_members=2, learn_steps=128,
)  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """One environment with what its populations are paid."""

    environment: Environment
    task: str
    reward: CompiledReward
    metric: CompiledMetric
    env: MjxEnv

    def job(self, plan: Plan, candidates: int, seeds: int, ppo: PPOSettings, n_timesteps: int) -> TrainingJob:
        """A training of `candidates` copies of the human-written reward, each compiled for itself."""
        names = [f"c{index:02}" for index in range(candidates)]
        design = DesignSettings(n_timesteps=n_timesteps, seed=0)
        settings = Settings(design=design, ppo=ppo, device=plan.device)  # type: ignore[arg-type]
        rewards = {name: RewardSpec(kind="program", compiled=self.reward) for name in names}
        setup = TrainingSetup(self.environment, self.task, self.metric, settings)
        return setup.job("gpu", rewards, range(seeds), population_size=candidates * seeds)


def plan_for(device: str, envs: tuple[str, ...] = ()) -> Plan:
    """What is measured on a device: by default half_cheetah, ant and humanoid, on the CPU a rehearsal."""
    plan = replace(REHEARSED if device in REHEARSALS else Plan(), device=device)
    return replace(plan, envs=envs) if envs else plan


def measure(plan: Plan, write: Callable[[Json], None]) -> None:
    """Measure everything of a plan; `write` gets the machine, then each part's result as soon as it is there.

    Raises:
        EnvironmentFailedError: there is no GPU, or MJX is missing.
    """
    began = time.monotonic()
    plan = replace(plan, device=choose_device(plan.device, open_environment(plan.envs[0], TASKS[plan.envs[0]]).pack))
    with placed_on(plan.device):
        write({"part": "machine", **machine(), "plan": asdict(plan)})
        for name in plan.envs:
            for label, part in _parts(plan, subject(name, impl_of(plan.device))):
                if time.monotonic() - began > plan.limit:
                    write({"env": name, "part": label, "skipped": f"after the limit of {plan.limit:.0f} s"})
                    continue
                started = time.monotonic()
                rates = _tried(part)
                write({"env": name, "part": label, **rates, "seconds": round(time.monotonic() - started, 2), **_peak()})


def subject(name: str, impl: str) -> Subject:
    """An environment with its human-written reward and its metric compiled.

    Raises:
        UsageError: there is no such environment here.
    """
    if name not in TASKS:
        raise UsageError(f"{name!r} is not measured on a GPU.", f"Known: {', '.join(TASKS)}.")
    environment = open_environment(name, TASKS[name])
    task = load_task(environment.pack, TASKS[name])
    source = human_reward(environment.pack, TASKS[name])
    assert source is not None and task.metric is not None  # of these tasks all have both
    with Sandbox() as sandbox:
        reward = sandbox.trace_reward(source, environment.spec).compiled
        metric = sandbox.trace_metric(task.metric.code, environment.spec, environment.spec.horizon).compiled
    assert reward is not None and metric is not None  # the tests trace them all
    return Subject(environment, TASKS[name], reward, metric, MjxEnv(environment.pack, impl=impl))


def _parts(plan: Plan, subject: Subject) -> Iterator[tuple[str, Callable[[], Json]]]:
    """The parts of one environment, by name; later ones are judged by earlier ones."""
    speeds: dict[str, float] = {}

    def physics() -> Json:
        rates = physics_only(plan, subject)
        speeds["physics"] = rates["env_steps_per_second"]
        return rates

    def population(candidates: int, seeds: int) -> Json:
        rates = learning(plan, subject, candidates, seeds)
        speed = speeds[f"{candidates}x{seeds}"] = rates["env_steps_per_second"]
        if "physics" in speeds:
            rates["share_of_physics"] = _judged(speed / speeds["physics"], PHYSICS_SHARE, at_least=True)
        if candidates > 1 and "1x1" in speeds:
            rates["times_the_time_of_1x1"] = _judged(speeds["1x1"] / speed, CANDIDATE_RATIO, at_least=False)
        return rates

    yield "physics only", physics
    for candidates, seeds in plan.populations:
        yield f"population {candidates}x{seeds}", partial(population, candidates, seeds)
    if subject.environment.pack.name in ("half_cheetah", "inverted_pendulum"):
        yield "training", lambda: training(plan, subject)


def physics_only(plan: Plan, subject: Subject) -> Json:
    """MJX alone under random actions: no policy, no reset, nothing recorded."""
    env, shape = subject.env, (plan.total_envs, subject.env.actions.low.size)

    def roll(physics: Any, key: Any) -> Any:
        def step(physics: Any, key: Any) -> tuple[Any, None]:
            moved, _ = env.simulation.step(physics, jax.random.uniform(key, shape, minval=-1.0, maxval=1.0))
            return moved, None

        return jax.lax.scan(step, physics, jax.random.split(key, plan.num_steps))[0]

    def begin(key: Any) -> Any:
        noise = jax.random.uniform(key, (plan.total_envs, env.noise_size), minval=-1.0, maxval=1.0)
        return jax.tree.map(lambda leaf: jnp.asarray(leaf, leaf.dtype), env.reset(Noise(noise, noise)).physics)

    program = jax.jit(roll, donate_argnums=0)
    started = time.monotonic()
    physics = jax.block_until_ready(program(jax.jit(begin)(jax.random.key(0)), jax.random.key(1)))
    first = time.monotonic() - started
    started = time.monotonic()
    for turn in range(plan.window):
        physics = program(physics, jax.random.key(2 + turn))
    jax.block_until_ready(physics)
    seconds = time.monotonic() - started
    steps = plan.window * plan.num_steps * plan.total_envs
    return {"env_steps_per_second": round(steps / seconds), "first_seconds": round(first, 2)}


def learning(plan: Plan, subject: Subject, candidates: int, seeds: int) -> Json:
    """A population with everything that belongs to training, without evaluation; the first iteration compiles."""
    members = candidates * seeds
    num_envs = plan.total_envs // members
    batch = num_envs * plan.num_steps
    count = next(count for count in range(max(1, batch // MINIBATCH), 0, -1) if batch % count == 0)
    ppo = PPOSettings(num_envs=num_envs, num_steps=plan.num_steps, num_minibatches=count)
    job = subject.job(plan, candidates, seeds, ppo, n_timesteps=batch * (1 + plan.window))
    pack, gamma = subject.environment.pack, discount(subject.environment.pack, ppo)
    programs = PopulationPrograms(pack.observation_size, subject.env.actions, ppo, gamma)
    mjx_programs = MjxPrograms(subject.env, programs, ppo)
    ends: list[float] = []

    def note(progress: Progress) -> None:
        ends.append(time.monotonic())

    def once() -> float:
        ends.clear()
        started = time.monotonic()
        backend = MjxBackend(mjx_programs, programs, ppo, job.seed)
        PopulationTraining(job, gamma, programs, MetricProgram(subject.metric), backend, Guard()).run(started, note)
        return started

    started = once()
    first = ends[-1] - started
    started = once()  # new rewards, nothing else: what is timed begins when all shapes have been met
    compile_seconds = first - (ends[-1] - started)
    speed = plan.window * batch * members / (ends[-1] - ends[0])
    return {
        "members": members,
        "envs_a_member": num_envs,
        "env_steps_per_second": round(speed),
        "compile_seconds": round(compile_seconds, 2),
        "new_reward_start_seconds": _judged(ends[0] - started, START_SECONDS, at_least=False),
    }


def training(plan: Plan, subject: Subject) -> Json:
    """Members trained to the end as `autoreward train` does it, evaluation in the C simulation included."""
    job = subject.job(plan, plan.learn_members, 1, PPOSettings(), plan.learn_steps)
    if plan.device in REHEARSALS:
        job = job.model_copy(update={"ppo": PPOSettings(num_steps=8, num_minibatches=2, device_envs=4)})
    ends: list[float] = []
    started = time.monotonic()
    result, recordings = Trainer().train(job, lambda progress: ends.append(time.monotonic() - started))
    successes = [member.success for member in result.members if member.success is not None]
    target = LEARNED_ON_CPU.get(job.env)
    return {
        "members": plan.learn_members,
        "n_timesteps": plan.learn_steps,
        "training_and_evaluation_seconds": _judged(result.seconds, LEARN_SECONDS, at_least=False),
        "success": [round(success, 3) for success in successes],
        "success_on_cpu": target,
        "seconds_to_success_on_cpu": _time_to(target, recordings, ends),
        "notes": list(result.notes),
    }


def _time_to(target: float | None, recordings: Recordings, ends: Sequence[float]) -> float | None:
    """When the mean success of training episodes, over all members, first reached the target [s]; None: never."""
    curves = [one.curves.success for one in recordings if one.curves is not None]
    if target is None or not curves:
        return None
    stacked = np.stack(curves)
    known = np.isfinite(stacked).any(axis=0)
    means = np.full(stacked.shape[1], -np.inf)
    means[known] = np.nanmean(stacked[:, known], axis=0)
    reached = np.flatnonzero(means >= target)
    return round(ends[int(reached[0])], 1) if len(reached) else None


def _judged(value: float, goal: float, at_least: bool) -> Json:
    """A number with its goal."""
    passed = value >= goal if at_least else value <= goal
    return {"value": round(value, 3), "goal": goal, "at_least": at_least, "passed": bool(passed)}


def _tried(part: Callable[[], Json]) -> Json:
    """What a part gives; one that breaks is a result too, and the others go on."""
    try:
        return part()
    except (AutorewardError, jax.errors.JaxRuntimeError) as error:
        return {"failed": f"{type(error).__name__}: {str(error)[:300]}"}


def _peak() -> Json:
    """The most memory of the device in use so far, of all parts [bytes]; nothing where jax does not count it."""
    stats = jax.local_devices()[0].memory_stats() or {}
    return {"peak_bytes_so_far": stats["peak_bytes_in_use"]} if "peak_bytes_in_use" in stats else {}


def machine() -> Json:
    """Card, driver and versions."""
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "card": jax.devices()[0].device_kind,
        "driver": _driver(),
        "python": platform.python_version(),
        "versions": {name: installed for name in PACKAGES if (installed := _version(name))},
        "command": " ".join([COMMAND, *sys.argv[1:]]),
    }


def _driver() -> str | None:
    if not shutil.which("nvidia-smi"):
        return None
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    done = subprocess.run(query, capture_output=True, text=True, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write each result as one JSON line to stdout and, where one is named, to a file."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.split("\n", 1)[0])
    parser.add_argument("--device", choices=(*ON_GPU, *REHEARSALS), default=GPU)
    parser.add_argument("--envs", help="half_cheetah,ant,humanoid by default")
    parser.add_argument("--limit", type=float, help="seconds after which no part begins")
    parser.add_argument("--out", type=Path, help="also append every line to this file")
    options = parser.parse_args(arguments)
    plan = plan_for(options.device, tuple(options.envs.split(",")) if options.envs else ())
    plan = replace(plan, limit=options.limit) if options.limit is not None else plan
    try:
        if options.out is None:
            measure(plan, partial(_write, [sys.stdout]))
        else:
            with options.out.open("a", encoding="utf-8") as file:
                measure(plan, partial(_write, [sys.stdout, file]))
    except (AutorewardError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code if isinstance(error, AutorewardError) else EnvironmentFailedError.exit_code
    return 0


def _write(streams: Sequence[TextIO], line: Json) -> None:
    for stream in streams:
        stream.write(json.dumps(line) + "\n")
        stream.flush()


if __name__ == "__main__":
    raise SystemExit(main())
