"""`Trainer.train(job)`: from a training job to its result and arrays. Keeps compiled programs between jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autoreward.environment.mjx_env import MjxEnv
from autoreward.environment.pack import Pack, load_pack, stop_time
from autoreward.environment.simulation.model import load_model
from autoreward.environment.task import pack_for_task
from autoreward.environment.vector_env import VectorEnv, action_range
from autoreward.records import (
    CompiledMetric,
    MemberResult,
    MemberSpec,
    PPOSettings,
    RewardSpec,
    TrainingJob,
    TrainingResult,
)
from autoreward.reward.program import load_metric
from autoreward.trainer.backends.c_rollout import CBackend
from autoreward.trainer.backends.device import (
    CPU,
    MEMORY_SHARE,
    bytes_each,
    choose_device,
    device_settings,
    free_memory,
    impl_of,
    placed_on,
    with_less_memory,
)
from autoreward.trainer.backends.mjx_rollout import DevicePrograms, MjxBackend
from autoreward.trainer.population.evaluation import Act, Episodes, measure, play, random_policy
from autoreward.trainer.population.group import CandidateMembers
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.training import PopulationTraining, Trained
from autoreward.trainer.progress import OnProgress, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.reward.program import MetricProgram

Made = tuple[Trained, PopulationPrograms]  # a trained population, and the programs that act for it
Output = tuple[TrainingResult, "dict[str, NDArray[Any]]"]


class Trainer:
    """Trains populations one after the other; what is compiled for one serves the next of the same shape."""

    def __init__(self) -> None:
        self._packs: dict[tuple[str, str | None], Pack] = {}
        self._programs: dict[tuple[str, PPOSettings], PopulationPrograms] = {}
        self._metrics: dict[str, MetricProgram] = {}
        self._device_envs: dict[tuple[str, str | None, str], MjxEnv] = {}
        self._device_programs: dict[tuple[MjxEnv, PPOSettings], DevicePrograms] = {}

    def train(self, job: TrainingJob, on_progress: OnProgress | None = None) -> Output:
        """Train and evaluate every member of a job.

        Returns:
            The result, and arrays keyed `candidate/seed/name`; see README.md.

        Raises:
            EnvironmentFailedError: the environment could not be made or stepped.
        """
        started = time.monotonic()
        notes: list[str] = []

        def say(note: str) -> None:
            notes.append(note)
            if on_progress is not None:
                on_progress(Progress(job.id, 0, 1, time.monotonic() - started, {}, note))

        device = choose_device(job.device, self._pack(job))
        with placed_on(device):
            made = (
                None
                if device == CPU
                else self._on_device(job, self._device_side(job, device), started, on_progress, say)
            )
            if made is None:
                device = CPU
                made = self._on_cpu(job, self._pack(job), started, on_progress)
            members, arrays, evaluation_steps = self._evaluated(job, *made)
        trained, _ = made
        result = TrainingResult(
            job=job.id,
            members=tuple(members),
            env_steps=trained.env_steps,
            evaluation_steps=evaluation_steps,
            seconds=time.monotonic() - started,
            first_update_seconds=trained.first_update_seconds,
            randomised=self._pack(job).randomise,
            device=device,
            notes=tuple(notes),
        )
        return result, arrays

    def _on_cpu(self, job: TrainingJob, pack: Pack, started: float, on_progress: OnProgress | None) -> Made:
        programs = self._program(pack, job.ppo)
        side = CBackend(pack, programs, job.ppo, job.seed)
        training = PopulationTraining(job, discount(pack, job.ppo), programs, self._metric(job.metric), side)
        return training.run(started, on_progress), programs

    def _on_device(
        self, job: TrainingJob, chosen: tuple[MjxEnv, PPOSettings], started: float, on_progress: OnProgress | None,
        say: Callable[[str], None],
    ) -> Made | None:  # fmt: skip
        """None where the memory does not hold even half of the environments: the CPU's does."""
        pack = self._pack(job)
        env, wanted = chosen

        def attempt(settings: PPOSettings) -> Made:
            programs = self._program(pack, settings)
            own = job.model_copy(update={"ppo": settings})
            device = self._device_program(env, programs, settings)
            side = MjxBackend(device, programs, settings, job.seed)
            training = PopulationTraining(own, discount(pack, settings), programs, self._metric(job.metric), side)
            return training.run(started, on_progress), programs

        return with_less_memory(attempt, wanted, say)

    def _device_side(self, job: TrainingJob, device: str) -> tuple[MjxEnv, PPOSettings]:
        """The environment on this device, and the settings that its free memory allows."""
        env = self._device_env(job, impl_of(device))
        fitting = int(MEMORY_SHARE * free_memory()) // bytes_each(env, job.ppo.num_steps)
        return env, device_settings(job.ppo, job.population_size, job.n_timesteps, fitting)

    def _evaluated(
        self, job: TrainingJob, trained: Trained, programs: PopulationPrograms
    ) -> tuple[list[MemberResult], dict[str, NDArray[Any]], int]:
        """Members and arrays, measured in the C simulation wherever they were trained; also the steps that took."""
        import jax
        import numpy as np

        actor = jax.block_until_ready(trained.best)
        seeds = [seed for group in trained.groups for seed in group.seeds]
        vector_env = VectorEnv(self._pack(job), len(seeds) * job.evaluation_episodes)

        def act(observation: NDArray[Any]) -> NDArray[Any]:
            seen = observation.reshape(len(seeds), job.evaluation_episodes, -1)
            return np.asarray(programs.act_deterministic(actor, seen)).reshape(vector_env.num_envs, -1)

        episodes = play(vector_env, act, job.seed, seeds)
        members, arrays = _results(job, trained, episodes, self._metric(job.metric), vector_env.horizon)
        return members, arrays | _kept_policies(trained), int(episodes.rollout.elapsed.size)

    def prepare(self, job: TrainingJob) -> None:
        """Compile what jobs of this environment, population size and settings need; nothing moves meanwhile.

        Args:
            job: its rewards and members are not trained.
        """
        reward, member = RewardSpec(kind="sparse"), MemberSpec(candidate="nobody", seed=0)
        still = job.model_copy(
            update={"members": (member,), "rewards": {"nobody": reward}, "metric": None, "n_timesteps": 1}
        )
        pack, started = self._pack(job), time.monotonic()
        device = choose_device(job.device, pack)
        with placed_on(device):
            if device == CPU:
                self._on_cpu(still, stop_time(pack), started, None)
            else:
                self._on_device(still, self._device_side(job, device), started, None, lambda note: None)

    def evaluate_random(self, job: TrainingJob, candidate: str = "random") -> Output:
        """Uniformly random actions, measured as the members of `job` are: the baseline that learns nothing."""
        started = time.monotonic()
        pack, metric = self._pack(job), self._metric(job.metric)
        seeds = sorted({member.seed for member in job.members})
        vector_env = VectorEnv(pack, len(seeds) * job.evaluation_episodes)
        act: Act = random_policy(vector_env, job.seed, seeds)
        episodes = play(vector_env, act, job.seed, seeds)
        members = [
            _measured_member(candidate, seed, position, job.evaluation_episodes, episodes, metric, vector_env.horizon)
            for position, seed in enumerate(seeds)
        ]
        result = TrainingResult(
            job=job.id,
            members=tuple(members),
            env_steps=0,
            evaluation_steps=int(episodes.rollout.elapsed.size),
            seconds=time.monotonic() - started,
            first_update_seconds=0.0,
            randomised=pack.randomise,
        )
        return result, {}

    def _pack(self, job: TrainingJob) -> Pack:
        key = (job.env_path or job.env, job.task)
        if key not in self._packs:
            self._packs[key] = pack_for_task(load_pack(key[0]), job.task)
        return self._packs[key]

    def _device_env(self, job: TrainingJob, impl: str) -> MjxEnv:
        key = (job.env_path or job.env, job.task, impl)
        if key not in self._device_envs:
            self._device_envs[key] = MjxEnv(self._pack(job), impl=impl)
        return self._device_envs[key]

    def _device_program(self, env: MjxEnv, programs: PopulationPrograms, settings: PPOSettings) -> DevicePrograms:
        key = (env, settings)
        if key not in self._device_programs:
            self._device_programs[key] = DevicePrograms(env, programs, settings)
        return self._device_programs[key]

    def _program(self, pack: Pack, settings: PPOSettings) -> PopulationPrograms:
        key = (str(pack.folder), settings)
        if key not in self._programs:
            self._programs[key] = PopulationPrograms(
                pack.observation_size, action_range(pack, load_model(pack)), settings, discount(pack, settings)
            )
        return self._programs[key]

    def _metric(self, compiled: CompiledMetric | None) -> MetricProgram | None:
        if compiled is None:
            return None
        if compiled.digest not in self._metrics:
            self._metrics[compiled.digest] = load_metric(compiled)
        return self._metrics[compiled.digest]


def discount(pack: Pack, settings: PPOSettings) -> float:
    """Gamma: the settings' where they have one, else the environment's."""
    return settings.gamma if settings.gamma is not None else pack.gamma


def _results(
    job: TrainingJob, trained: Trained, episodes: Episodes, metric: MetricProgram | None, horizon: int
) -> tuple[list[MemberResult], dict[str, NDArray[Any]]]:
    members: list[MemberResult] = []
    arrays: dict[str, NDArray[Any]] = {}
    for group in trained.groups:
        own = _group_results(job, group, episodes, metric, horizon)
        for position, member in enumerate(own):
            failure = group.failures.get(position)
            facts = {
                "status": "failed" if failure else "stopped" if group.stopped else "trained",
                "finding": failure or group.stopped,
                "env_steps": group.env_steps,
                "diverged": int(trained.diverged[group.slots][position]),
            }
            members.append(member.model_copy(update=facts))
        arrays |= group.arrays()
        arrays |= _trajectories(job, group, episodes, own, metric, horizon)
    return members, arrays


def _group_results(
    job: TrainingJob, group: CandidateMembers, episodes: Episodes, metric: MetricProgram | None, horizon: int
) -> list[MemberResult]:
    import numpy as np

    results = []
    for position, seed in enumerate(group.seeds):
        slot = group.slots.start + position
        member = _measured_member(group.candidate, seed, slot, job.evaluation_episodes, episodes, metric, horizon)
        best = group.best_return[position]
        results.append(member.model_copy(update={"own_return": float(best) if np.isfinite(best) else None}))
    return results


def _measured_member(
    candidate: str, seed: int, slot: int, count: int, episodes: Episodes, metric: MetricProgram | None, horizon: int
) -> MemberResult:
    columns = slice(slot * count, (slot + 1) * count)
    success = progress = None
    if metric is not None:
        successes, progresses = measure(metric, episodes, columns, horizon)
        success, progress = float(successes.mean()), float(progresses.mean())
    return MemberResult(
        candidate=candidate,
        seed=seed,
        status="trained",
        success=success,
        progress=progress,
        length=float(episodes.length[columns].mean()),
    )


def _trajectories(
    job: TrainingJob, group: CandidateMembers, episodes: Episodes, members: Sequence[MemberResult],
    metric: MetricProgram | None, horizon: int,
) -> dict[str, NDArray[Any]]:  # fmt: skip
    """The best and the worst evaluation episode of a candidate, and the success of all of them."""
    import numpy as np

    count = job.evaluation_episodes
    columns = slice(group.slots.start * count, group.slots.stop * count)
    length = episodes.length[columns]
    success, progress = length.astype(np.float32), np.zeros(len(length), np.float32)
    arrays: dict[str, NDArray[Any]] = {}
    if metric is not None:
        success, progress = measure(metric, episodes, columns, horizon)
        for position, member in enumerate(members):
            own = slice(position * count, (position + 1) * count)
            prefix = f"{group.candidate}/{member.seed}/evaluation_"
            arrays |= {f"{prefix}success": success[own], f"{prefix}progress": progress[own]}
            arrays |= {f"{prefix}length": length[own]}
    order = np.lexsort((progress, success))
    for label, episode in (("best", order[-1]), ("worst", order[0])):
        prefix = f"{group.candidate}/{group.seeds[episode // count]}/trajectory/{label}/"
        arrays |= {prefix + name: array for name, array in _one(group, episodes, columns, int(episode)).items()}
    return arrays | _clips(group, episodes, columns, count, {"best": int(order[-1]), "worst": int(order[0])})


def _clips(
    group: CandidateMembers, episodes: Episodes, columns: slice, count: int, chosen: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    """What a clip needs, qpos `[L, nq]`: the first evaluation episode of every seed, and the chosen ones."""
    import numpy as np

    def movement(episode: int) -> NDArray[Any]:
        column = columns.start + episode
        return np.asarray(episodes.rollout.after["qpos"][: int(episodes.length[column]), column], np.float32)

    firsts = {f"{seed}/clip/first": movement(position * count) for position, seed in enumerate(group.seeds)}
    others = {f"{group.seeds[at // count]}/clip/{label}": movement(at) for label, at in chosen.items()}
    return {f"{group.candidate}/{name}": array for name, array in (firsts | others).items()}


def _one(group: CandidateMembers, episodes: Episodes, columns: slice, episode: int) -> dict[str, NDArray[Any]]:
    """Fields, actions and terms of one evaluation episode `[L, ...]`."""
    column = columns.start + episode
    length = int(episodes.length[column])

    def cut(array: NDArray[Any]) -> NDArray[Any]:
        return array[:length, column]

    made = {name: cut(array) for name, array in episodes.next_state.items()}
    made["action"] = cut(episodes.rollout.action)
    terms = group.terms_of(episodes.state, episodes.rollout.action, episodes.next_state, slice(column, column + 1))
    if terms is not None:
        made["terms"] = terms[:length, 0]
    return made


def _kept_policies(trained: Trained) -> dict[str, NDArray[Any]]:
    """The kept policy of every member as plain arrays, with its observation statistics."""
    import numpy as np

    arrays: dict[str, NDArray[Any]] = {}
    slots = [(group.candidate, seed) for group in trained.groups for seed in group.seeds]
    stats = trained.best.observation_stats
    for slot, (candidate, seed) in enumerate(slots):
        prefix = f"{candidate}/{seed}/policy/"
        arrays[prefix + "observation_mean"] = np.asarray(stats.mean)[slot]
        arrays[prefix + "observation_var"] = np.asarray(stats.var)[slot]
        for index, (weights, bias) in enumerate(trained.best.layers):
            arrays[f"{prefix}weights_{index}"] = np.asarray(weights)[slot]
            arrays[f"{prefix}bias_{index}"] = np.asarray(bias)[slot]
    return arrays
