"""The rollout of a population in the C simulation: T steps of all members' environments, with sampled actions.

The members stand in two lanes, each with its own batch of simulations and its own thread: while one lane's policy acts
and records, the other's physics uses both cores. What a member meets does not depend on its lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from autoreward.physics.vector_env import Slab, VectorEnv
from autoreward.tasks.pack import Noise, Pack
from autoreward.trainer import policy, ppo
from autoreward.trainer.accounts import Accounts, HostAccounts
from autoreward.trainer.income import Pay
from autoreward.trainer.programs import PopulationPrograms, seed_array
from autoreward.trainer.rolled import Rolled
from autoreward.trainer.seeding import Purpose, model_numbers, reset_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.records import PPOSettings
    from autoreward.reward.program import MetricProgram

NUM_LANES = 2


@dataclass(frozen=True)
class Lane:
    """Some neighbouring members and their environments."""

    env: VectorEnv
    members: slice
    columns: slice  # of the slab


class PopulationRollout:
    """The environments of a population, from one rollout to the next.

    Args:
        pack: the environment.
        programs: the compiled programs.
        settings: PPO settings; `num_envs` environments a member, `num_steps` a rollout.
        job_seed: of the training.
        seeds: seed index of each member `[M]`.
        start: iterations that these members have behind them; episodes begin anew.
    """

    def __init__(
        self, pack: Pack, programs: PopulationPrograms, settings: PPOSettings, job_seed: int, seeds: Sequence[int],
        start: int = 0,
    ) -> None:  # fmt: skip
        self._programs, self._settings = programs, settings
        self._job_seed, self._seeds = job_seed, tuple(seeds)
        self._lanes = _lanes(pack, len(seeds), settings.num_envs)
        self._num_envs = len(seeds) * settings.num_envs
        self._env = self._lanes[0].env
        first = self._first_noise(start)
        models = model_numbers(job_seed, seeds, Purpose.MODELS, settings.num_envs, self._env.model_numbers)
        for lane in self._lanes:
            lane.env.randomise(models[lane.columns])
            lane.env.reset(Noise(first.uniform[0, lane.columns], first.normal[0, lane.columns]))

    def roll_out(self, member: ppo.Member, iteration: int) -> Rolled:
        """T steps under the members' policies; `iteration` names the random streams."""
        import numpy as np

        settings, seeds = self._settings, seed_array(self._seeds)
        noise = np.asarray(self._programs.action_noise(np.int32(self._job_seed), seeds, np.int32(iteration)))
        resets = self._reset_noise(iteration, settings.num_steps)
        slab, action = self._env.new_slab(settings.num_steps, self._num_envs), np.empty_like(noise)
        actors = self._programs.actors(member, tuple((lane.members.start, lane.members.stop) for lane in self._lanes))
        with ThreadPoolExecutor(len(self._lanes)) as pool:
            for done in [
                pool.submit(self._roll_lane, lane, actor, slab.part(lane.columns), (action, noise), resets)
                for lane, actor in zip(self._lanes, actors, strict=True)
            ]:
                done.result()
        state, next_state = (self._env.fields(slab, after) for after in (False, True))
        return Rolled(slab, action, noise, state, next_state)

    def _roll_lane(
        self, lane: Lane, actor: policy.Actor, slab: Slab, numbers: tuple[NDArray[Any], NDArray[Any]], resets: Noise
    ) -> None:
        import numpy as np

        env, members, columns = lane.env, lane.members, lane.columns
        actions, noise = numbers
        observation = env.observation
        for t in range(self._settings.num_steps):
            seen = observation.reshape(-1, self._settings.num_envs, observation.shape[-1])
            action, applied = self._programs.act(actor, seen, noise[t, members])
            actions[t, members] = action
            fresh = Noise(resets.uniform[t, columns], resets.normal[t, columns])
            observation = env.step(np.asarray(applied).reshape(env.num_envs, -1), slab, t, fresh)
        env.finish(slab)

    def _first_noise(self, start: int) -> Noise:
        """Noise of the reset before the first rollout."""
        purpose = Purpose.RUNG_RESETS if start else Purpose.RESETS
        shape = (1, self._settings.num_envs, self._env.noise_size)
        return reset_noise(self._job_seed, self._seeds, purpose, start, shape)

    def _reset_noise(self, iteration: int, num_steps: int) -> Noise:
        """Noise of a slab."""
        shape = (num_steps, self._settings.num_envs, self._env.noise_size)
        return reset_noise(self._job_seed, self._seeds, Purpose.RESETS, iteration + 1, shape)


class HostSide:
    """See rolled.Side: the C simulation."""

    def __init__(self, pack: Pack, programs: PopulationPrograms, settings: PPOSettings, job_seed: int) -> None:
        self._pack, self._programs, self._settings, self._job_seed = pack, programs, settings, job_seed

    def rollouts(self, seeds: Sequence[int], start: int) -> PopulationRollout:
        """See rolled.Side."""
        return PopulationRollout(self._pack, self._programs, self._settings, self._job_seed, seeds, start)

    def accounts(self, reward: Pay, members: int, metric: MetricProgram | None) -> Accounts:
        """See rolled.Side."""
        return HostAccounts(reward, members, self._settings.num_envs, metric, self._pack.horizon)


def _lanes(pack: Pack, members: int, num_envs: int) -> list[Lane]:
    """The members cut into lanes; one lane where there is one member."""
    count = min(NUM_LANES, members)
    cuts = [members * lane // count for lane in range(count + 1)]
    return [
        Lane(VectorEnv(pack, (stop - start) * num_envs), slice(start, stop), slice(start * num_envs, stop * num_envs))
        for start, stop in pairwise(cuts)
    ]
