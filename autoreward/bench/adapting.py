"""Is it better to let weights move while policies train (`--adapt`)? Rewards of a bank, trained with and without.

    python -m autoreward.bench.adapting FOLDER --env hopper --seeds 5 -n 300000

The first rewards of the task's bank, which is in a shuffled order of every kind, on equal seeds and steps. Each of the
two trainings is stored as soon as it is done; the same command goes on where it ended, and prints both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from autoreward.bench.bank.rewards import bank_rewards
from autoreward.bench.stored import StoredTraining, by_seed, compiled
from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.intervals import compare_paired, interval
from autoreward.records import CombinationSpec, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox

WAYS: Mapping[str, CombinationSpec] = {"fixed": CombinationSpec(), "adapt": CombinationSpec(adapt=True)}
REWARDS = 12


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is missing, and print the success of each reward and the mean difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--env", default="hopper")
    parser.add_argument("--task", default="forward")
    parser.add_argument("--rewards", type=int, default=REWARDS, help="how many of the bank")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("-n", "--n-timesteps", type=int, default=300_000)
    given = parser.parse_args(arguments)
    settings = Settings()
    sizes = {"seeds": given.seeds, "n_timesteps": given.n_timesteps}
    settings = settings.model_copy(update={"design": settings.design.model_copy(update=sizes)})
    success: dict[str, dict[str, dict[int, float]]] = {}
    for way, combination in WAYS.items():
        rewards = partial(first_rewards, given.task, given.rewards, combination)
        members = StoredTraining(given.folder, way, given.env, given.task, settings).members(rewards, lambda _: None)
        success[way] = {name: by_seed(members, name) for name in dict.fromkeys(one.candidate for one in members)}
    sys.stdout.write(told(success["fixed"], success["adapt"], settings.design.evaluation_episodes))


def first_rewards(
    task: str, count: int, combination: CombinationSpec, environment: Environment, sandbox: Sandbox
) -> dict[str, RewardSpec]:
    """The first rewards of a task's bank, by name, with their weights combined in a way."""
    chosen = {one.name: one.source for one in bank_rewards(environment, task)[:count]}
    return {
        name: RewardSpec(kind="program", compiled=reward, combination=combination)
        for name, reward in compiled(chosen, environment, sandbox).items()
    }


def told(fixed: Mapping[str, Mapping[int, float]], adapted: Mapping[str, Mapping[int, float]], episodes: int) -> str:
    """A line a reward, and the mean difference over the rewards with its interval.

    Args:
        fixed: success by seed of each reward.
        adapted: the same where weights moved.
        episodes: evaluation episodes a seed.
    """
    lines, differences = [], []
    for name, own in fixed.items():
        both = [seed for seed in own if seed in adapted.get(name, {})]
        if not both:
            continue
        compared = compare_paired(adapted[name], own, episodes)
        before, after = (float(np.mean([values[seed] for seed in both])) for values in (own, adapted[name]))
        differences.append(after - before)
        lines.append(f"{name:28} {before:9.3g} {after:9.3g}  {compared.verdict if compared else ''}")
    mean = interval(differences, episodes)
    if mean is not None and mean.low is not None and mean.high is not None:
        lines.append(
            f"mean difference of {len(differences)} rewards: {mean.mean:.3g} [{mean.low:.3g}, {mean.high:.3g}]"
        )
    return "\n".join([f"{'reward':28} {'fixed':>9} {'adapt':>9}", *lines]) + "\n"


if __name__ == "__main__":
    main()
