"""What makes seeds differ? Paired trainings in which one source of chance is frozen, or a setting is changed.

    python -m autoreward.bench.seed_sources FOLDER --env hopper --task forward --rewards DIR --arms base,rounding,policy

An arm is one population, every reward of the folder (and the human one) x all seeds, stored as FOLDER/ARM.json when it
is done; the same command goes on where it ended, and prints a table of all that are there. A frozen stream is that of
seed 0 for everybody. In `rounding` all streams are frozen, and the initial policy is multiplied by 1 + 1e-6 x seed:
what is left is what rounding alone makes of a training.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import jax
import numpy as np

from autoreward.bench.bank.rewards import file_rewards
from autoreward.config import Settings
from autoreward.critic import check
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError
from autoreward.ledger.files import write_atomic
from autoreward.records import PPOSettings, RewardSpec, TrainingJob
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.final_evaluation import SPARSE
from autoreward.search.request import compile_metric, make_task
from autoreward.trainer.jobs import TrainingSetup
from autoreward.trainer.population import programs, seeding
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.seeding import Purpose
from autoreward.trainer.population.trainer import Trainer
from autoreward.trainer.population.worker import configure_jax

NUDGE = 1e-6  # relative, a seed


class Arm(NamedTuple):
    """What is other than usual: frozen streams, PPO settings, and whether the initial policy is nudged."""

    frozen: frozenset[Purpose] = frozenset()
    ppo: Mapping[str, Any] = {}
    nudged: bool = False


EVERYTHING = frozenset({Purpose.POLICY, Purpose.ACTIONS, Purpose.SHUFFLE, Purpose.RESETS})
ARMS: Mapping[str, Arm] = {
    "base": Arm(),
    "rounding": Arm(EVERYTHING, nudged=True),
    "policy": Arm(frozenset({Purpose.POLICY})),
    "actions": Arm(frozenset({Purpose.ACTIONS})),
    "shuffle": Arm(frozenset({Purpose.SHUFFLE})),
    "resets": Arm(frozenset({Purpose.RESETS})),
    "no_norm_obs": Arm(ppo={"norm_obs": False}),
    "no_norm_reward": Arm(ppo={"norm_reward": False}),
    "envs32": Arm(ppo={"num_envs": 32}),  # half as many updates
    "anneal_lr": Arm(ppo={"anneal_lr": True}),
    "lr3": Arm(ppo={"learning_rate": 3e-4}),
    "average10": Arm(ppo={"policy_average": 0.1}),
}


@contextmanager
def streams_of(arm: Arm) -> Iterator[None]:
    """Within this, trainings of this process draw from the streams of an arm."""
    draw, keys, initialise = seeding.generator, programs.member_keys, PopulationPrograms.initialise

    def generator(job_seed: int, seed: int, purpose: Purpose, iteration: int = 0) -> Any:
        return draw(job_seed, 0 if purpose in arm.frozen else seed, purpose, iteration)

    def member_keys(job_seed: Any, seeds: Any, purpose: Purpose, iteration: Any) -> Any:
        return keys(job_seed, seeds * 0 if purpose in arm.frozen else seeds, purpose, iteration)

    def nudged(self: PopulationPrograms, job_seed: int, seeds: Sequence[int]) -> Any:
        member = initialise(self, job_seed, seeds)
        scale = 1.0 + NUDGE * np.asarray(seeds, np.float64)

        def nudge(leaf: Any) -> Any:
            return np.asarray(leaf * scale.reshape(-1, *[1] * (leaf.ndim - 1)), leaf.dtype)

        return member._replace(parameters=jax.tree.map(nudge, member.parameters))

    with (
        mock.patch.object(seeding, "generator", generator),
        mock.patch.object(programs, "generator", generator),
        mock.patch.object(programs, "member_keys", member_keys),
        mock.patch.object(PopulationPrograms, "initialise", nudged if arm.nudged else initialise),
    ):
        yield


def train_arm(name: str, job: TrainingJob) -> dict[str, Any]:
    """Train one arm: success of each reward on each seed."""
    arm, started = ARMS[name], time.monotonic()
    ppo = PPOSettings.model_validate({**job.ppo.model_dump(), **arm.ppo})
    with streams_of(arm):
        result, _ = Trainer().train(job.model_copy(update={"id": name, "ppo": ppo}))
    success: dict[str, list[float | None]] = {}
    for member in result.members:
        success.setdefault(member.candidate, []).append(member.success)
    return {"arm": name, "steps": job.n_timesteps, "seconds": time.monotonic() - started, "success": success}


def spread(success: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    """The mean over rewards and seeds, and the standard deviation between the seeds of a reward, pooled."""
    table = np.asarray(list(success.values()), float)
    return float(table.mean()), float(np.sqrt(table.var(axis=1, ddof=1).mean()))


def make_job(env: str, task: str, rewards: Path, names: Sequence[str], seeds: int, n_timesteps: int) -> TrainingJob:
    """All rewards of a folder and the human one on the same seeds, or those of some names."""
    environment = open_environment(env, task)
    settings = Settings()
    design = settings.design.model_copy(update={"n_timesteps": n_timesteps})
    settings = settings.model_copy(update={"design": design})
    programs = [one for one in file_rewards(environment, task, rewards) if one.name != SPARSE]
    wanted = [(one.name, one.source) for one in programs if not names or one.name in names]
    with Sandbox(settings.require_isolation) as sandbox:
        metric = compile_metric(environment, make_task(environment, None, task, None), sandbox)
        verdicts = check(wanted, environment.spec, environment.transitions, sandbox)
    specs = {one.candidate: RewardSpec(kind="program", compiled=one.reward) for one in verdicts if one.reward}
    setup = TrainingSetup(environment, task, metric, settings)
    return setup.job("seeds", specs, range(seeds), population_size=len(specs) * seeds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is missing, and print what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--env", default="hopper")
    parser.add_argument("--task", default="forward")
    parser.add_argument("--rewards", type=Path, required=True)
    parser.add_argument("--names", default="", help="some of the rewards, by name, with commas between")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("-n", "--n-timesteps", type=int, default=300_000)
    given = parser.parse_args(arguments)
    arms = given.arms.split(",")
    for name in arms:
        if name not in ARMS:
            raise UnknownNameError("arm", name, ARMS)
    missing = [name for name in arms if not (given.folder / f"{name}.json").is_file()]
    if missing:
        configure_jax()
        given.folder.mkdir(parents=True, exist_ok=True)
        names = [name for name in given.names.split(",") if name]
        job = make_job(given.env, given.task, given.rewards, names, given.seeds, given.n_timesteps)
        for name in missing:
            write_atomic(given.folder / f"{name}.json", json.dumps(train_arm(name, job), indent=1) + "\n")
    told = [json.loads((given.folder / f"{name}.json").read_text()) for name in arms]
    first = spread(told[0]["success"])[1]
    for one in told:
        mean, deviation = spread(one["success"])
        share = f"{(deviation / first) ** 2:.2f} of the variance of {told[0]['arm']}" if first else ""
        sys.stdout.write(f"{one['arm']:15} mean {mean:8.3g}  sd between seeds {deviation:8.3g}  {share}\n")


if __name__ == "__main__":
    main()
