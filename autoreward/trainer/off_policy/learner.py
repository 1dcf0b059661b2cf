"""One member that learns off-policy: a chunk of steps, its rewards in one batch, then updates from the buffer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Num
from numpy.typing import NDArray

from autoreward.environment.pack import Pack
from autoreward.environment.stepping import actions_of, make_environments
from autoreward.errors import EnvironmentFailedError
from autoreward.recordings import MemberRecording
from autoreward.records import Finding, MemberSpec, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.algorithms import wrong_actions
from autoreward.trainer.off_policy import checkpoints
from autoreward.trainer.off_policy.curves import thinned
from autoreward.trainer.off_policy.experience import Experience
from autoreward.trainer.off_policy.models import Model, Weights
from autoreward.trainer.population.candidate_members import CandidateMembers
from autoreward.trainer.population.episode_statistics import NumpyEpisodeStatistics
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.policy import scale_action
from autoreward.trainer.population.reward_functions import make_reward
from autoreward.trainer.population.rollout import PopulationRollout
from autoreward.trainer.population.seeding import Purpose, ResetNoise, draw_model_numbers, generator

# The chunks of the other members by candidate, for one of one's own.
Exchange = Callable[[PopulationRollout], Mapping[str, PopulationRollout]]
Report = Callable[[int, Mapping[str, float | None]], None]  # environment steps, and success and progress

DIVERGED = Finding(
    rule="training.diverged",
    severity="error",
    message="An update of the policy or of a value function was not finite, though observations and rewards were.",
    remedy="Keep the weighted terms within float32, and lower off_policy.adam_rate.",
)


@dataclass(frozen=True)
class Learned:
    """What became of a member."""

    recording: MemberRecording
    failure: Finding | None
    best_return: float | None
    env_steps: int
    diverged: int  # episodes that the environment cut because it failed
    remarks: tuple[str, ...]


class Learner:
    """One member.

    Args:
        job: with the reward of its candidate.
        pack: the environment.
        metric: for the curves, and for what `sparse` is paid.
        gamma: discount.
        sources: the candidates whose steps it learns from beside its own.
        guard: is told what is done for whom.
    """

    def __init__(
        self, job: TrainingJob, member: MemberSpec, pack: Pack, metric: MetricProgram | None, gamma: float,
        sources: Sequence[str], guard: Guard,
    ) -> None:  # fmt: skip
        settings = job.off_policy
        self._job, self._member, self._settings, self._guard = job, member, settings, guard
        self._num_envs = settings.learner_envs
        self._num_steps = max(1, settings.train_freq // self._num_envs)  # of a chunk
        self._iterations = -(-job.n_timesteps // self._chunk)
        self._actions = actions_of(pack)
        problem = wrong_actions(job.algo, self._actions.choices, bool(self._actions.free.any()))
        if problem is not None:
            raise EnvironmentFailedError(f"{pack.name}: {problem}", "--algo ppo takes them all.")
        self._env = make_environments(pack, self._num_envs)
        numbers = draw_model_numbers(job.seed, [member.seed], Purpose.MODELS, self._num_envs, self._env.model_numbers)
        self._env.randomise(numbers)
        with guard.stage("loading", member.candidate):
            reward = make_reward(job.rewards[member.candidate], gamma)

        def statistics() -> NumpyEpisodeStatistics:
            return NumpyEpisodeStatistics(reward, 1, self._num_envs, metric, pack.horizon)

        self._members = CandidateMembers(member.candidate, 0, [member.seed], self._num_envs, reward, statistics())
        self._others = {name: statistics() for name in sources}  # of each stream of steps, paid by this reward
        discrete = bool(self._actions.choices)
        size = 1 if discrete else self._actions.low.size
        self._experience = Experience(
            settings.buffer_size, pack.observation_size, size, discrete, settings.normalise,
            generator(job.seed, member.seed, Purpose.BATCHES),
        )  # fmt: skip
        first = int(generator(job.seed, member.seed, Purpose.POLICY).integers(1 << 31))
        self._model = Model(job.algo, pack.observation_size, self._actions, settings, gamma, self._experience, first)
        self._best: Weights = {}
        self._diverged, self._done = 0, 0

    @property
    def _chunk(self) -> int:
        """Environment steps between two updates."""
        return self._num_envs * self._num_steps

    def restore(self, state: Mapping[str, Mapping[str, NDArray[Any]]]) -> None:
        """Go on where a checkpoint was written.

        Raises:
            KeyError, ValueError, RuntimeError, IndexError: it is none of this training.
        """
        if "experience" in state:  # else it was done
            self._experience.restore(state["experience"])
            self._model.restore(state["model"])
        self._members.restore(state["members"])
        self._best = dict(state.get("best", {}))
        self._done, self._diverged = (int(one) for one in state["learner"]["done"])
        self._experience.rng = generator(self._job.seed, self._member.seed, Purpose.BATCHES, self._done)

    def learn(self, file: Path | None, exchange: Exchange | None, report: Report) -> Learned:
        """Learn to the end.

        Args:
            file: where to keep where it stands; None: nowhere.
            exchange: gives the steps of the other members for its own.
            report: is told after every chunk.
        """
        first = ResetNoise(
            self._job.seed, [self._member.seed], Purpose.RUNG_RESETS if self._done else Purpose.RESETS, self._done,
            (1, self._num_envs, self._env.noise_size),
        )  # fmt: skip
        self._env.reset(first.at(0))
        kept = time.monotonic()
        for iteration in range(self._done, self._iterations):
            with self._guard.stage("rollout"):
                rollout = self._collect(iteration)
            self._take(rollout, (iteration + 1) * self._chunk)
            if exchange is not None:
                with self._guard.stage("waiting"):
                    others = exchange(rollout)
                self._take_others(others)
            if self._members.failures:
                break
            self._improve(iteration)
            self._done = iteration + 1
            report(self._members.env_steps, self._members.latest())
            if file is not None and time.monotonic() - kept > self._settings.checkpoint_seconds:
                self.keep(file)
                kept = time.monotonic()
        self._best = self._best or self._model.policy(self._experience)
        if file is not None and not self._members.failures:
            self.keep(file)  # who goes on with the job finds it done
        return self._learned()

    def keep(self, file: Path) -> None:
        """Write a checkpoint."""
        state: dict[str, Mapping[str, NDArray[Any]]] = {
            "members": self._members.state(),
            "best": self._best,
            "learner": {"done": np.asarray([self._done, self._diverged])},
        }
        if self._done < self._iterations:  # else nobody learns from it any more
            state |= {"experience": self._experience.state(), "model": self._model.state()}
        checkpoints.write_checkpoint(file, self._mark, state)

    @property
    def _mark(self) -> str:
        return checkpoints.fingerprint(self._job, self._member)

    # --- One chunk ------------------------------------------------------------------------------------------

    def _collect(self, iteration: int) -> PopulationRollout:
        """Steps under the policy as it explores."""
        env, seed = self._env, self._member.seed
        shape = (self._num_steps, self._num_envs, env.noise_size)
        resets = ResetNoise(self._job.seed, [seed], Purpose.RESETS, iteration + 1, shape)
        rng = generator(self._job.seed, seed, Purpose.EXPLORATION, iteration)
        steps, observation = env.new_rollout(self._num_steps), env.observation
        taken = np.zeros((self._num_steps, self._num_envs, self._actions.low.size), np.float32)
        for t in range(self._num_steps):
            taken[t] = self._act(observation, iteration * self._chunk + t * self._num_envs, rng)
            observation = env.step(self._applied(taken[t]), steps, t, resets.at(t))
        env.finish(steps)
        self._diverged += int(steps.diverged.sum())
        action = taken[:, None]
        return PopulationRollout(
            steps, action, np.zeros_like(action), env.fields(steps, after=False), env.fields(steps, after=True)
        )

    def _act(self, observation: Num[np.ndarray, "N O"], env_steps: int, rng: Any) -> Float[np.ndarray, "N A"]:
        """Actions in -1..1, or one-hot rows; random ones at first."""
        warm = min(self._settings.learning_starts, self._job.n_timesteps // 10)
        if self._actions.choices:
            share = self._random_share(env_steps) if env_steps >= warm else 1.0
            chosen = self._model.explore(self._experience.seen(observation), share, rng)
            return np.asarray(np.eye(self._actions.low.size, dtype=np.float32)[chosen[:, 0].astype(int)])
        if env_steps < warm:
            return np.asarray(rng.uniform(-1.0, 1.0, (len(observation), self._actions.low.size)), np.float32)
        return self._model.explore(self._experience.seen(observation), 0.0, rng)

    def _random_share(self, env_steps: int) -> float:
        """Of DQN's actions: from 1 down to `exploration_final`."""
        settings = self._settings
        past = env_steps / max(1.0, settings.exploration_fraction * self._job.n_timesteps)
        return 1.0 + min(1.0, past) * (settings.exploration_final - 1.0)

    def _applied(self, action: Float[np.ndarray, "N A"]) -> Float[np.ndarray, "N A"]:
        """What the environment takes."""
        return action if self._actions.choices else np.asarray(scale_action(action, self._actions), np.float32)

    def _take(self, rollout: PopulationRollout, env_steps: int) -> None:
        """Pay for a chunk of one's own, and keep it."""
        with self._guard.stage("rewards", self._member.candidate):
            reward = self._members.add_rollout(rollout, env_steps)
        if self._members.failures:
            return
        if self._members.check_improved()[0]:
            self._best = self._model.policy(self._experience)
        self._experience.extend(self._rows(rollout, reward))
        self._members.note_clipped(np.asarray([self._experience.paid(np.asarray(reward))[1]], np.float32))

    def _take_others(self, others: Mapping[str, PopulationRollout]) -> None:
        """Pay the steps of others by this member's reward, and learn from them too."""
        for name, rollout in others.items():
            with self._guard.stage("rewards", self._member.candidate):
                found = self._others[name].add_rollout(rollout, np.ones(1, bool))
            if found.finite.all():  # else it is the other's policy alone that leads there
                self._experience.extend(self._rows(rollout, found.reward))

    def _rows(self, rollout: PopulationRollout, reward: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """A chunk as transitions, a row each."""
        steps = rollout.steps
        action = rollout.action.reshape(reward.size, -1)
        rows = {
            "observation": steps.observation,
            "next_observation": steps.next_observation,
            "terminated": steps.terminated.astype(np.float32),
        }
        flat = {name: array.reshape(reward.size, -1) for name, array in rows.items()}
        stored = action.argmax(axis=1)[:, None] if self._actions.choices else action
        return flat | {"action": stored, "reward": reward.reshape(-1, 1)}

    def _improve(self, iteration: int) -> None:
        warm = min(self._settings.learning_starts, self._job.n_timesteps // 10)
        if (iteration + 1) * self._chunk < warm:
            return
        with self._guard.stage("update"):
            self._model.update(max(1, round(self._chunk * self._settings.updates_per_step)))
        if not self._model.finite:
            self._members.fail(0, DIVERGED)

    def _learned(self) -> Learned:
        (recording,) = self._members.recordings()
        best = float(self._members.best_return[0])
        return Learned(
            recording=MemberRecording(
                candidate=recording.candidate,
                seed=recording.seed,
                term_names=recording.term_names,
                curves=None if recording.curves is None else thinned(recording.curves),
                episodes=recording.episodes,
                policy=self._best,
            ),
            failure=self._members.failures.get(0),
            best_return=best if np.isfinite(best) else None,
            env_steps=self._members.env_steps,
            diverged=self._diverged,
            remarks=tuple(self._env.remarks()),
        )
