"""`Trainer.train(job)`: from a training job to its result and recordings. Keeps compiled programs between jobs."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import jax

from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.stepping import actions_of
from autoreward.environment.task import pack_for_task
from autoreward.recordings import Recordings
from autoreward.records import Algo, CompiledMetric, MemberSpec, PPOSettings, RewardSpec, TrainingJob, TrainingResult
from autoreward.reward.program import MetricProgram
from autoreward.trainer.backends.backend import BackendFactory
from autoreward.trainer.backends.c_backend import CBackendFactory
from autoreward.trainer.backends.device import CPU, choose_device, placed_on
from autoreward.trainer.backends.foreign_backend import ForeignBackendFactory
from autoreward.trainer.backends.mjx_backend import MjxBackendFactory
from autoreward.trainer.deadlines import Deadlines
from autoreward.trainer.off_policy.training import train_off_policy
from autoreward.trainer.population.guard import Guard, ProgramFailed
from autoreward.trainer.population.measurement import (
    Measures,
    evaluate_policies,
    evaluate_random_actions,
    evaluate_trained,
)
from autoreward.trainer.population.policy import TANH, Network
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.replay import replayed, stack_policies
from autoreward.trainer.population.training import PopulationTraining, TrainedPopulation
from autoreward.trainer.progress import OnProgress, Progress

FACTORIES: tuple[type[BackendFactory], ...] = (CBackendFactory, MjxBackendFactory, ForeignBackendFactory)
NETWORKS: Mapping[Algo, Network] = {
    "ppo": TANH,
    "sac": Network("relu", "tanh"),
    "td3": Network("relu", "tanh"),
    "dqn": Network("relu"),
}
Output = tuple[TrainingResult, Recordings]
Result = TypeVar("Result")


class Trainer:
    """Trains populations one after the other; what is compiled for one serves the next of the same shape.

    Args:
        guard: is told what is done for whom.
        deadlines: of the processes that learn off-policy.
    """

    def __init__(self, guard: Guard | None = None, deadlines: Deadlines | None = None) -> None:
        self._guard, self._deadlines = guard or Guard(), deadlines or Deadlines()
        self.backends = Backends()
        self.programs: dict[tuple[str, PPOSettings, Network], PopulationPrograms] = {}
        self._packs: dict[tuple[str, str | None], Pack] = {}
        self._metrics: dict[str, MetricProgram] = {}

    def train(self, job: TrainingJob, on_progress: OnProgress | None = None) -> Output:
        """Train and evaluate every member of a job.

        Raises:
            EnvironmentFailedError: the environment could not be made or stepped.
            ProgramFailed: a candidate's program raised.
        """
        if job.algo != "ppo":
            pack = self._pack(job)
            programs, gamma = self._programs_of(pack, job.ppo, job.algo), discount(pack, job.ppo)
            with placed_on(CPU):
                return train_off_policy(
                    job, pack, gamma, programs, self._measures(job), self._guard, on_progress, self._deadlines
                )
        started = time.monotonic()
        notes: list[str] = []

        def say(note: str) -> None:
            notes.append(note)
            if on_progress is not None:
                on_progress(Progress(job.id, 0, 1, time.monotonic() - started, {}, note))

        pack = self._pack(job)
        device = choose_device(job.device, pack)
        with placed_on(device):
            attempts = list(self.backends.attempts(job, pack, device))
            attempt, trained = train_where_it_fits(
                attempts, lambda attempt: self._train(job, pack, attempt, started, on_progress, say), say
            )
            programs = self._programs_of(pack, attempt.settings)
            with self._guard.stage("evaluation"):
                measurement = evaluate_trained(job, pack, trained, programs, self._measures(job))
            members, recordings = measurement.measure_trained(trained, self._guard)
        result = TrainingResult(
            job=job.id,
            members=tuple(members),
            env_steps=trained.env_steps,
            evaluation_steps=measurement.env_steps,
            seconds=time.monotonic() - started,
            first_update_seconds=trained.first_update_seconds,
            randomised=pack.randomise,
            device=attempt.device,
            notes=tuple(notes),
        )
        return result, tuple(recordings)

    def prepare(self, job: TrainingJob) -> None:
        """Compile what jobs of this environment, population size and settings need; nothing moves meanwhile.

        Args:
            job: its rewards and members are not trained.
        """
        if job.algo != "ppo":
            return  # each learner is a process of its own
        reward, member = RewardSpec(kind="sparse"), MemberSpec(candidate="nobody", seed=0)
        idle = job.model_copy(
            update={"members": (member,), "rewards": {"nobody": reward}, "metric": None, "n_timesteps": 1}
        )
        pack, started = self._pack(job), time.monotonic()
        device = choose_device(job.device, pack)
        with placed_on(device):
            train_where_it_fits(
                list(self.backends.attempts(job, pack, device)),
                lambda attempt: self._train(idle, attempt.factory.idle_pack(pack), attempt, started, None, unsaid),
                unsaid,
            )

    def evaluate_random(self, job: TrainingJob, candidate: str = "random") -> Output:
        """Uniformly random actions, measured as the members of `job` are: the baseline that learns nothing."""
        started = time.monotonic()
        pack = self._pack(job)
        seeds = sorted({member.seed for member in job.members})
        measurement = evaluate_random_actions(job, pack, seeds, self._measures(job))
        result = TrainingResult(
            job=job.id,
            members=tuple(measurement.measure_member(candidate, seed, slot) for slot, seed in enumerate(seeds)),
            env_steps=0,
            evaluation_steps=measurement.env_steps,
            seconds=time.monotonic() - started,
            first_update_seconds=0.0,
            randomised=pack.randomise,
        )
        return result, ()

    def replay(self, job: TrainingJob, policies: Recordings) -> Output:
        """Play the evaluation episodes of a training again with the policies that were kept, and measure them anew.

        With the members of that training in its order, all of them, and on the same kind of machine, the episodes are
        the same bit by bit: the policies are called by the same program, and seeds say where episodes begin.

        Args:
            job: its members are those of `policies`; its metric is the one to measure with.
            policies: a recording with the policy of each member, in the order of the training's slots.

        Returns:
            What was measured, without what only a training tells, and recordings without curves.
        """
        started, pack = time.monotonic(), self._pack(job)
        device = choose_device(job.device, pack)
        with placed_on(device):
            attempt = next(iter(self.backends.attempts(job, pack, device)))
            programs, seeds = self._programs_of(pack, attempt.settings, job.algo), [one.seed for one in policies]
            actor = stack_policies(policies)
            with self._guard.stage("evaluation"):
                measurement = evaluate_policies(job, pack, actor, seeds, programs, self._measures(job))
            members, recordings = replayed(job, measurement, policies, discount(pack, attempt.settings), self._guard)
        result = TrainingResult(
            job=job.id,
            members=tuple(members),
            env_steps=0,
            evaluation_steps=measurement.env_steps,
            seconds=time.monotonic() - started,
            first_update_seconds=0.0,
            randomised=pack.randomise,
            device=attempt.device,
        )
        return result, tuple(recordings)

    def _train(
        self, job: TrainingJob, pack: Pack, attempt: Attempt, started: float, on_progress: OnProgress | None,
        say: Callable[[str], None],
    ) -> TrainedPopulation:  # fmt: skip
        settings, programs = attempt.settings, self._programs_of(pack, attempt.settings)
        backend = attempt.factory.make(job, pack, attempt.device, settings, programs)
        job = job.model_copy(update={"ppo": settings})
        metric = self._metric(job.metric)
        training = PopulationTraining(job, discount(pack, settings), programs, metric, backend, self._guard)
        trained = training.run(started, on_progress)
        for remark in (*backend.remarks(), *(one for each in trained.candidates for one in each.remarks())):
            say(remark)
        return trained

    def _pack(self, job: TrainingJob) -> Pack:
        key = (job.env_path or job.env, job.task)
        if key not in self._packs:
            self._packs[key] = pack_for_task(load_pack(key[0]), job.task)
        return self._packs[key]

    def _programs_of(self, pack: Pack, settings: PPOSettings, algo: Algo = "ppo") -> PopulationPrograms:
        network = NETWORKS[algo]
        key = (pack.foreign.reference if pack.foreign else str(pack.folder), settings, network)
        if key not in self.programs:
            gamma = discount(pack, settings)
            self.programs[key] = PopulationPrograms(
                pack.observation_size, actions_of(pack), settings, gamma, network, pack.privileged_size
            )
        return self.programs[key]

    def _measures(self, job: TrainingJob) -> Measures:
        subtasks = {name: self._metric(compiled) for name, compiled in job.subtasks.items()}
        return Measures(self._metric(job.metric), {name: one for name, one in subtasks.items() if one is not None})

    def _metric(self, compiled: CompiledMetric | None) -> MetricProgram | None:
        if compiled is None:
            return None
        if compiled.digest not in self._metrics:
            self._metrics[compiled.digest] = MetricProgram(compiled)
        return self._metrics[compiled.digest]


def unsaid(note: str) -> None:
    """What a preparation meets, the job that follows meets again, and says."""


def discount(pack: Pack, settings: PPOSettings) -> float:
    """Gamma: the settings' where they have one, else the environment's."""
    return settings.gamma if settings.gamma is not None else pack.gamma


# --- Which backend, and what is tried next where memory runs out -----------------------------------------


class Attempt(NamedTuple):
    """One way of training a job."""

    device: str
    factory: BackendFactory
    settings: PPOSettings


class Backends:
    """The factories of a trainer."""

    def __init__(self) -> None:
        self._factories = tuple(factory() for factory in FACTORIES)

    def of_device(self, device: str, pack: Pack) -> BackendFactory:
        """The factory that serves a pack on a device which `choose_device` has chosen."""
        return next(factory for factory in self._factories if factory.serves(device, pack))

    def attempts(self, job: TrainingJob, pack: Pack, device: str) -> Iterator[Attempt]:
        """The ways of training a job on a device, the best first; where its memory holds none, the CPU's does."""
        for place in dict.fromkeys((device, CPU)):
            factory = self.of_device(place, pack)
            for settings in factory.settings_to_try(job, pack, place):
                yield Attempt(place, factory, settings)


def train_where_it_fits(
    attempts: Sequence[Attempt], train: Callable[[Attempt], Result], say: Callable[[str], None]
) -> tuple[Attempt, Result]:
    """The first attempt that does not run out of memory, and its result; the last one has to do.

    Args:
        say: is told of each that ran out of it.
    """
    for attempt in attempts[:-1]:
        result, problem = _try(train, attempt)
        if result is not None:
            return attempt, result
        gc.collect()  # what the failed attempt still held
        say(f"Out of memory with {attempt.settings.num_envs} environments a member: {problem}")
    return attempts[-1], train(attempts[-1])


def _try(train: Callable[[Attempt], Result], attempt: Attempt) -> tuple[Result | None, str]:
    """The result, or what the allocator said. Returns before the next attempt, so that no traceback holds arrays."""
    try:
        return train(attempt), ""
    except (jax.errors.JaxRuntimeError, ProgramFailed) as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        return None, str(error).splitlines()[0][:200]
