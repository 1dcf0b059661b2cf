"""Episode statistics of a rollout that stays on a device: only sums, counts and finished episodes come to the host.

How many episodes end in a rollout is not known when a program is compiled. So they are taken out in buckets: the next
power of four that holds them, which is a handful of tiny programs.

Whole trajectories are kept on the device too, for the success metric; to bound their memory, those of the first
MEASURED_ENVS environments of each member. Success over training is then the mean of their episodes, which are episodes
like all others. Where the task's progress is paid itself (sparse, shaping), every environment is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from autoreward.records import Finding
from autoreward.reward.program import MetricProgram
from autoreward.trainer.combination.combination import Pay
from autoreward.trainer.population.episode_statistics import RolloutStatistics
from autoreward.trainer.population.episodes import EndedEpisodes, ProgressGains, find_payments
from autoreward.trainer.population.reward_functions import (
    Paying,
    ProgramReward,
    RewardFunction,
    Rewards,
    SparseReward,
)
from autoreward.trainer.population.rollout import PopulationRollout

Array = Any
Arrays = Mapping[str, Array]

MOST_EPISODES = 4096  # measured in one call of the metric: at a horizon of 1000 and 3 numbers a step, 50 MB
MEASURED_ENVS = 16  # of each member: at a horizon of 1000 and 3 numbers a step, 0.2 MB a member
SMALLEST_BUCKET = 64


class Summary(NamedTuple):
    """What the host is told of the rewards of m members in a rollout."""

    finite: Bool[Array, " m"]
    non_finite: Int[Array, " K"]  # on how many transitions each term is not finite
    term_mean: Float[Array, "m K"]
    term_low: Float[Array, "m K"]
    term_high: Float[Array, "m K"]


class StatisticsPrograms:
    """The compiled programs that all statistics share; nothing of a reward or of a member is inside them."""

    def __init__(self) -> None:
        self.cut = jax.jit(_cut, static_argnums=1)
        self.find_ended = jax.jit(_find_ended, static_argnums=2)
        self.sum_up = jax.jit(_sum_up, static_argnums=4)
        self.pick = jax.jit(_pick)
        self.push = jax.jit(_push, donate_argnums=0)
        self.take_episodes = jax.jit(_take_episodes, static_argnums=4)


class JaxEpisodeStatistics:
    """See EpisodeStatistics; in jax, float32.

    Args:
        programs: shared by all candidates.
        reward: what the members are paid.
        members: m.
        num_envs: environments a member.
        metric: the success metric of training episodes.
        horizon: the longest episode [steps].
    """

    def __init__(
        self, programs: StatisticsPrograms, reward: RewardFunction, members: int, num_envs: int,
        metric: MetricProgram | None, horizon: int,
    ) -> None:  # fmt: skip

        self._programs, self._reward = programs, reward
        self._count = members * num_envs
        everyone = np.arange(self._count)
        paid_by_progress = not isinstance(reward, ProgramReward)
        measured = everyone if paid_by_progress else everyone[everyone % num_envs < MEASURED_ENVS]
        self._measured = np.isin(everyone, measured) if metric else np.ones(self._count, bool)
        self._history = JaxTrajectoryHistory(programs, metric, horizon, measured) if metric else None
        self.place(slice(0, self._count))
        self.reset()
        # Where episodes end comes in buckets, each a compilation: a program, which does not ask, is spared them.
        self._compute_step_rewards: Callable[..., Rewards] | None = None
        if isinstance(reward, ProgramReward):
            self._compute_step_rewards = jax.jit(reward.compute_step_rewards)
        self._compute_rewards: Callable[..., Rewards] = jax.jit(reward.compute_rewards)

    def place(self, columns: slice) -> None:
        """See EpisodeStatistics."""
        self._first = np.int32(columns.start)

    def reset(self) -> None:
        """See EpisodeStatistics."""
        self._carry = jnp.zeros((self._count, len(self._reward.term_names) + 1), jnp.float32)
        self._gains, self._success_gains = ProgressGains(self._count), ProgressGains(self._count)
        self._memory: Any = None

    def add_rollout(
        self, rollout: PopulationRollout, alive: Bool[np.ndarray, " m"], pay: Pay | None = None
    ) -> RolloutStatistics:
        """See EpisodeStatistics."""
        steps = rollout.steps
        state, next_state, action, ended, elapsed = self._programs.cut(
            self._first, self._count, rollout.state, rollout.next_state, steps.action, steps.ended, steps.elapsed
        )
        (t, env, _), episodes = self._find(ended, elapsed)
        success, progress = self._measure({**next_state, "action": action}, episodes)
        paying = Paying(ended, pay, self._memory)
        rewards = self._reward_steps(state, action, next_state, ended, elapsed, paying)
        self._memory, rewards = rewards.memory, rewards._replace(memory=None)
        judged = not isinstance(self._reward, SparseReward)
        summed = self._programs.sum_up(rewards, ended, self._carry, alive, judged)
        reward, terms, counted, self._carry, running, summary = summed
        at_end = self._programs.pick(running, next_state["terminated"], t, env)
        sums, terminated = (np.asarray(array)[: len(episodes)] for array in at_end)
        finite = np.asarray(summary.finite)
        return RolloutStatistics(
            reward=reward,
            finite=finite,
            non_finite=None if finite.all() else self._describe_non_finite(summary, int(reward.size)),
            ended=episodes,
            measured=self._measured[episodes.env],
            success=success,
            progress=progress,
            term_sums=sums[:, :-1],
            own_return=sums[:, -1],
            terminated=terminated,
            term_mean=np.asarray(summary.term_mean),
            term_low=np.asarray(summary.term_low),
            term_high=np.asarray(summary.term_high),
            terms=terms,
            counted=counted,
            outcome=rewards.outcome,
        )

    def _describe_non_finite(self, summary: Summary, transitions: int) -> Finding:
        return self._reward.describe_non_finite(np.asarray(summary.non_finite).tolist(), transitions)

    def _find(self, ended: Array, elapsed: Array) -> tuple[tuple[Array, Array, Array], EndedEpisodes]:
        """t, env and length of the episodes that ended, padded on the device, and on the host."""
        count = int(ended.sum())
        where = self._programs.find_ended(ended, elapsed, bucket(count))
        return where, EndedEpisodes(*(np.asarray(array)[:count] for array in where))

    def _reward_steps(
        self, state: Arrays, action: Array, next_state: Arrays, ended: Array, elapsed: Array, paying: Paying
    ) -> Rewards:
        if self._compute_step_rewards is not None:
            return self._compute_step_rewards(state, action, next_state, paying)
        (t, env, _), payments = self._find(find_payments(ended, elapsed), elapsed)
        gain, success_gain = np.zeros(len(t), np.float32), np.zeros(len(t), np.float32)
        if self._history is not None:
            success, progress = self._history.measure(payments)
            gain[: len(payments)] = self._gains.add(payments, progress)
            success_gain[: len(payments)] = self._success_gains.add(payments, success)
        paying = paying._replace(success_gain=success_gain)
        return self._compute_rewards(state, action, next_state, t, env, gain, paying)

    def _measure(self, fields: Arrays, episodes: EndedEpisodes) -> tuple[NDArray[Any], NDArray[Any]]:
        success, progress = (np.full(len(episodes), np.nan, np.float32) for _ in range(2))
        if self._history is not None:
            which = self._measured[episodes.env]
            chosen = EndedEpisodes(episodes.t[which], episodes.env[which], episodes.length[which])
            self._history.push(fields)
            success[which], progress[which] = self._history.measure(chosen)
        return success, progress


class JaxTrajectoryHistory:
    """The last `horizon` steps of the fields that the metric reads, on the device; see episodes.TrajectoryHistory.

    Args:
        programs: shared by all candidates.
        metric: the success metric.
        horizon: the longest episode [steps].
        measured: the environments whose steps are kept.
    """

    def __init__(
        self, programs: StatisticsPrograms, metric: MetricProgram, horizon: int, measured: NDArray[Any]
    ) -> None:
        self._programs, self._metric, self._horizon = programs, metric, horizon
        self._columns = measured
        self._steps: dict[str, Array] = {}  # [horizon + T, measured, ...]

    def push(self, fields: Arrays) -> None:
        """Add a rollout of fields `[T, n, ...]`."""
        wanted = {name: fields[name] for name in self._metric.inputs if name != "valid"}
        if not self._steps:
            self._steps = {
                name: jnp.zeros((self._horizon + len(array), len(self._columns), *array.shape[2:]), jnp.float32)
                for name, array in wanted.items()
            }
        self._steps = self._programs.push(self._steps, wanted, self._columns)

    def measure(self, episodes: EndedEpisodes) -> tuple[NDArray[Any], NDArray[Any]]:
        """Success and progress `[E]` of measured episodes that ended, or are taken so, in the last rollout."""
        starts = range(0, len(episodes), MOST_EPISODES)
        results = [self._measure(episodes, np.arange(len(episodes))[start : start + MOST_EPISODES]) for start in starts]
        empty = np.zeros(0, np.float32)
        success = np.concatenate([empty, *(success for success, _ in results)])
        progress = np.concatenate([empty, *(progress for _, progress in results)])
        return success, progress

    def _measure(self, episodes: EndedEpisodes, chosen: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        rows = np.resize(chosen, bucket(len(chosen)))
        place = np.searchsorted(self._columns, episodes.env[rows])
        arrays = self._programs.take_episodes(
            self._steps, episodes.t[rows], place, episodes.length[rows], self._horizon
        )
        success, progress = self._metric(arrays)
        return np.asarray(success)[: len(chosen)], np.asarray(progress)[: len(chosen)]


def bucket(count: int) -> int:
    """The next power of four that holds `count`, 64 or more."""
    size = SMALLEST_BUCKET
    while size < count:
        size *= 4
    return size


def _cut(first: Array, count: int, *trees: Any) -> tuple[Any, ...]:
    """The columns first..first + count of every array `[T, N, ...]`."""
    return tuple(
        jax.tree.map(lambda array: jax.lax.dynamic_slice_in_dim(array, first, count, axis=1), tree) for tree in trees
    )


def _find_ended(ended: Array, elapsed: Array, size: int) -> tuple[Array, Array, Array]:
    """t, env and length of the episodes that ended, ordered by environment, then by time; padded to `size`.

    Padding lies in the environment behind the last one, where scattering drops it.
    """
    num_steps = len(ended)
    (rows,) = jnp.nonzero(ended.T.reshape(-1), size=size, fill_value=ended.size)
    t, env = rows % num_steps, rows // num_steps
    return t, env, elapsed[t, env] + 1


def _sum_up(
    rewards: Rewards, ended: Bool[Array, "T n"], carry: Float[Array, "n C"], alive: Bool[Array, " m"], judged: bool
) -> tuple[
    Float[Array, "T n"], Float[Array, "T n K"], Float[Array, "T n"], Float[Array, "n C"], Float[Array, "T n C"], Summary
]:
    """The rewards, the finite terms, what counts, the carried sums, those of each episode so far, and what is told.

    The C sums are the terms' and, last, the own return. Unless `judged`, a reward that is not finite is nobody's fault.
    """
    by_member = rewards.reward.reshape(len(rewards.reward), len(alive), -1)
    finite = jnp.all(jnp.isfinite(by_member), axis=(0, 2)) | (not judged)
    reward = jnp.where((alive & finite)[None, :, None], by_member, 0.0).reshape(rewards.reward.shape)
    terms = jnp.nan_to_num(rewards.terms, nan=0.0, posinf=0.0, neginf=0.0)
    counted = reward if rewards.counted is None else rewards.counted

    def step(carry: Array, row: tuple[Array, Array]) -> tuple[Array, Array]:
        values, over = row
        running = carry + values
        return jnp.where(over[:, None], 0.0, running), running

    values = jnp.concatenate([terms, counted[..., None]], axis=-1)
    carry, running = jax.lax.scan(step, carry, (values, ended))
    split = terms.reshape(len(terms), len(alive), -1, terms.shape[-1])
    summary = Summary(
        finite=finite,
        non_finite=jnp.sum(~jnp.isfinite(rewards.terms), axis=(0, 1)),
        term_mean=split.mean(axis=(0, 2)),
        term_low=split.min(axis=(0, 2)),
        term_high=split.max(axis=(0, 2)),
    )
    return reward, terms, counted, carry, running, summary


def _pick(running: Array, terminated: Array, t: Array, env: Array) -> tuple[Array, Array]:
    """Both at the ends of episodes `[E, ...]`."""
    return running[t, env], terminated[t, env]


def _push(kept: dict[str, Array], rollout: Arrays, columns: Array) -> dict[str, Array]:
    """`kept [horizon + T, m, ...]`, T steps on."""
    return {name: jnp.concatenate([kept[name][len(new) :], new[:, columns]]) for name, new in rollout.items()}


def _take_episodes(steps: Arrays, t: Array, place: Array, length: Array, horizon: int) -> dict[str, Array]:
    """Whole episodes `[horizon, E, ...]` that ended in step t of the last rollout, as a metric takes them."""
    row = jnp.arange(horizon)[:, None]
    arrays = {"valid": (row < length).astype(jnp.float32)}
    for name, kept in steps.items():
        start = horizon + t + 1 - length  # of the episode, in the rows of `kept`
        arrays[name] = kept[jnp.minimum(start + row, len(kept) - 1), place]
    return arrays
