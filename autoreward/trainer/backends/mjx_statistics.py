"""Episode statistics of a rollout that stays on a device: only sums, counts and finished episodes come to the host.

How many episodes end in a rollout is not known when a program is compiled. So they are taken out in buckets: the next
power of four that holds them, which is a handful of tiny programs.

Whole trajectories are kept on the device too, for the success metric; to bound their memory, those of the first
MEASURED_ENVS environments of each member. Success over training is then the mean of their episodes, which are episodes
like all others. Where the task's progress is the pay itself (sparse, shaping), every environment is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from autoreward.trainer.backends.backend import PopulationRollout
from autoreward.trainer.population.episode_statistics import RolloutStatistics
from autoreward.trainer.population.episodes import Ended
from autoreward.trainer.population.reward_functions import ProgramReward, RewardFunction, Rewards, SparseReward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.reward.program import MetricProgram

Array = Any
Arrays = Mapping[str, Array]

MEASURED_ENVS = 16  # of each member: at a horizon of 1000 and 3 numbers a step, 0.2 MB a member
SMALLEST_BUCKET = 64


class StatisticsPrograms:
    """The compiled programs that all accounts share; nothing of a reward or of a member is inside them."""

    def __init__(self) -> None:
        import jax

        self.cut = jax.jit(_cut, static_argnums=1)
        self.ended = jax.jit(_ended, static_argnums=2)
        self.summed = jax.jit(_summed, static_argnums=4)
        self.picked = jax.jit(_picked)
        self.push = jax.jit(_push, donate_argnums=0)
        self.episodes = jax.jit(_episodes, static_argnums=4)


class JaxEpisodeStatistics:
    """See EpisodeStatistics; in jax, float32.

    Args:
        programs: shared by all accounts.
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
        import jax
        import numpy as np

        self._programs, self._reward = programs, reward
        self._count = members * num_envs
        everyone = np.arange(self._count)
        paid_by_progress = not isinstance(reward, ProgramReward)
        measured = everyone if paid_by_progress else everyone[everyone % num_envs < MEASURED_ENVS]
        self._measured = np.isin(everyone, measured) if metric else np.ones(self._count, bool)
        self._history = DeviceHistory(programs, metric, horizon, measured) if metric else None
        self.place(slice(0, self._count))
        self.begin_anew()
        # Where episodes end comes in buckets, each a compilation: a program, which does not ask, is spared them.
        self._steps_pay: Callable[..., Rewards] | None = None
        if isinstance(reward, ProgramReward):
            self._steps_pay = jax.jit(reward.compute_step_rewards)
        self._pay: Callable[..., Rewards] = jax.jit(reward.pay)

    def place(self, columns: slice) -> None:
        """See EpisodeStatistics."""
        import numpy as np

        self._first = np.int32(columns.start)

    def begin_anew(self) -> None:
        """See EpisodeStatistics."""
        import jax.numpy as jnp

        self._carry = jnp.zeros((self._count, len(self._reward.term_names) + 1), jnp.float32)

    def add_rollout(self, rollout: PopulationRollout, alive: NDArray[Any]) -> RolloutStatistics:
        """See EpisodeStatistics."""
        import numpy as np

        steps = rollout.steps
        state, next_state, action, ended, elapsed = self._programs.cut(
            self._first, self._count, rollout.state, rollout.next_state, steps.action, steps.ended, steps.elapsed
        )
        count = int(ended.sum())
        where = self._programs.ended(ended, elapsed, bucket(count))  # t, env, length
        t, env, _ = where
        over = Ended(*(np.asarray(array)[:count] for array in where))
        success, progress = self._measure({**next_state, "action": action}, over)
        income = self._income(state, action, next_state, t, env, progress)
        judged = not isinstance(self._reward, SparseReward)
        reward, self._carry, running, told = self._programs.summed(income, ended, self._carry, alive, judged)
        at_end = self._programs.picked(running, next_state["terminated"], t, env)
        told = {name: np.asarray(array) for name, array in told.items()}
        sums, terminated = (np.asarray(array)[:count] for array in at_end)
        finite = told["finite"]
        return RolloutStatistics(
            reward=reward,
            finite=finite,
            culprit=None if finite.all() else self._reward.describe_non_finite(told["bad"].tolist(), int(reward.size)),
            over=over,
            measured=self._measured[over.env],
            success=success,
            progress=progress,
            sums=sums[:, :-1],
            own=sums[:, -1],
            terminated=terminated,
            term_mean=told["mean"],
            term_low=told["low"],
            term_high=told["high"],
        )

    def _income(
        self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, progress: NDArray[Any]
    ) -> Rewards:
        import numpy as np

        if self._steps_pay is not None:
            return self._steps_pay(state, action, next_state)
        padded = np.zeros(len(t), np.float32)
        padded[: len(progress)] = progress
        return self._pay(state, action, next_state, t, env, padded)

    def _measure(self, fields: Arrays, over: Ended) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        success, progress = (np.full(len(over), np.nan, np.float32) for _ in range(2))
        if self._history is not None:
            which = self._measured[over.env]
            chosen = Ended(over.t[which], over.env[which], over.length[which])
            success[which], progress[which] = self._history.add(fields, chosen)
        return success, progress


class DeviceHistory:
    """The last `horizon` steps of the fields that the metric reads, on the device; see episodes.TrajectoryHistory.

    Args:
        programs: shared by all accounts.
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

    def add(self, fields: Arrays, over: Ended) -> tuple[NDArray[Any], NDArray[Any]]:
        """Add a rollout of fields `[T, n, ...]`; success and progress `[E]` of measured episodes that ended in it."""
        import jax.numpy as jnp
        import numpy as np

        wanted = {name: fields[name] for name in self._metric.inputs if name != "valid"}
        if not self._steps:
            self._steps = {
                name: jnp.zeros((self._horizon + len(array), len(self._columns), *array.shape[2:]), jnp.float32)
                for name, array in wanted.items()
            }
        self._steps = self._programs.push(self._steps, wanted, self._columns)
        if not len(over):
            return np.zeros(0, np.float32), np.zeros(0, np.float32)
        rows = np.resize(np.arange(len(over)), bucket(len(over)))
        place = np.searchsorted(self._columns, over.env[rows])
        arrays = self._programs.episodes(self._steps, over.t[rows], place, over.length[rows], self._horizon)
        success, progress = self._metric(arrays)
        return np.asarray(success)[: len(over)], np.asarray(progress)[: len(over)]


def bucket(count: int) -> int:
    """The next power of four that holds `count`, 64 or more."""
    size = SMALLEST_BUCKET
    while size < count:
        size *= 4
    return size


def _cut(first: Array, count: int, *trees: Any) -> tuple[Any, ...]:
    """The columns first..first + count of every array `[T, N, ...]`."""
    import jax

    return tuple(
        jax.tree.map(lambda array: jax.lax.dynamic_slice_in_dim(array, first, count, axis=1), tree) for tree in trees
    )


def _ended(ended: Array, elapsed: Array, size: int) -> tuple[Array, Array, Array]:
    """t, env and length of the episodes that ended, ordered by environment, then by time; padded to `size`.

    Padding lies in the environment behind the last one, where scattering drops it.
    """
    import jax.numpy as jnp

    num_steps = len(ended)
    (rows,) = jnp.nonzero(ended.T.reshape(-1), size=size, fill_value=ended.size)
    t, env = rows % num_steps, rows // num_steps
    return t, env, elapsed[t, env] + 1


def _summed(
    income: Rewards, ended: Array, carry: Array, alive: Array, judged: bool
) -> tuple[Array, Array, Array, dict[str, Array]]:
    """The rewards, the carried sums `[n, K + 1]`, the sums of each episode so far `[T, n, K + 1]`, and what is told.

    The last column of the sums is the own return. Unless `judged`, a reward that is not finite is nobody's fault.
    """
    import jax
    import jax.numpy as jnp

    by_member = income.reward.reshape(len(income.reward), len(alive), -1)
    finite = jnp.all(jnp.isfinite(by_member), axis=(0, 2)) | (not judged)
    reward = jnp.where((alive & finite)[None, :, None], by_member, 0.0).reshape(income.reward.shape)
    terms = jnp.nan_to_num(income.terms, nan=0.0, posinf=0.0, neginf=0.0)
    own = reward if income.own is None else income.own

    def step(carry: Array, row: tuple[Array, Array]) -> tuple[Array, Array]:
        values, over = row
        running = carry + values
        return jnp.where(over[:, None], 0.0, running), running

    values = jnp.concatenate([terms, own[..., None]], axis=-1)
    carry, running = jax.lax.scan(step, carry, (values, ended))
    split = terms.reshape(len(terms), len(alive), -1, terms.shape[-1])
    told = {
        "finite": finite,
        "bad": jnp.sum(~jnp.isfinite(income.terms), axis=(0, 1)),
        "mean": split.mean(axis=(0, 2)),
        "low": split.min(axis=(0, 2)),
        "high": split.max(axis=(0, 2)),
    }
    return reward, carry, running, told


def _picked(running: Array, terminated: Array, t: Array, env: Array) -> tuple[Array, Array]:
    """Both at the ends of episodes `[E, ...]`."""
    return running[t, env], terminated[t, env]


def _push(kept: dict[str, Array], rollout: Arrays, columns: Array) -> dict[str, Array]:
    """`kept [horizon + T, m, ...]`, T steps on."""
    import jax.numpy as jnp

    return {name: jnp.concatenate([kept[name][len(new) :], new[:, columns]]) for name, new in rollout.items()}


def _episodes(steps: Arrays, t: Array, place: Array, length: Array, horizon: int) -> dict[str, Array]:
    """Whole episodes `[horizon, E, ...]` that ended in step t of the last rollout, as a metric takes them."""
    import jax.numpy as jnp

    row = jnp.arange(horizon)[:, None]
    arrays = {"valid": (row < length).astype(jnp.float32)}
    for name, kept in steps.items():
        start = horizon + t + 1 - length  # of the episode, in the rows of `kept`
        arrays[name] = kept[jnp.minimum(start + row, len(kept) - 1), place]
    return arrays
