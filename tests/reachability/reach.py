"""Can the tasks be reached at all? `python -m tests.reachability.reach [ENV/TASK ...]`, or `make reach`.

A task that nobody can reach judges nothing. For each of these there is a hand-written reward in `rewards/ENV_TASK/`;
trained with it, the policy of one seed at least comes to 0.8 of what the task declares as good (of a success that is
yes or no: it succeeds in 0.8 of its evaluation episodes), in at most 3 M steps. Each training is stored in
`runs/reachability/` as a bank as soon as it is done, and the same command goes on where an earlier one ended. Exit code
0 if all are reached, else 4.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autoreward.bench.bank.stored import read_chunk, read_plan
from autoreward.bench.bank.training import BankPlace, BankSize, train_bank
from autoreward.config import Settings
from autoreward.environment.pack import load_pack
from autoreward.environment.task import load_task
from autoreward.errors import TargetNotMetError
from autoreward.records import MemberResult
from autoreward.search.final_evaluation import SPARSE

REWARDS = Path(__file__).with_name("rewards")
RUNS = Path("runs") / "reachability"
SHARE = 0.8  # of what the task declares as good
SEEDS = 2


@dataclass(frozen=True)
class Behaviour:
    """One task, and how long its reward is trained."""

    env: str
    task: str
    n_timesteps: int  # a seed

    @property
    def name(self) -> str:
        """As its folders are called."""
        return f"{self.env}_{self.task}"


BEHAVIOURS = (
    Behaviour("half_cheetah", "forward", 1_000_000),
    Behaviour("half_cheetah", "backward", 300_000),
    Behaviour("hopper", "forward", 1_000_000),
    Behaviour("hopper", "front_flip", 1_500_000),
    Behaviour("hopper", "back_flip", 1_500_000),
    Behaviour("ant", "lie_down", 600_000),
    Behaviour("ant", "wave_leg", 400_000),
)


def train(behaviour: Behaviour, runs: Path, settings: Settings) -> Path:
    """Train what is missing of a behaviour's bank; its folder."""
    place = BankPlace(behaviour.env, behaviour.task, runs / behaviour.name, REWARDS / behaviour.name)
    train_bank(place, BankSize(SEEDS, behaviour.n_timesteps), settings, lambda event: None)
    return runs / behaviour.name


def members_of(folder: Path) -> list[MemberResult]:
    """All members of a bank whose reward a person wrote: sparse is none."""
    plan = read_plan(folder)
    assert plan is not None  # it is trained
    chunks = [chunk for index in range(plan.chunks) if (chunk := read_chunk(folder, index)) is not None]
    return [member for chunk in chunks for member in chunk.members if member.candidate != SPARSE]


def is_reached(member: MemberResult, reference: float) -> bool:
    """Whether the mean over its evaluation episodes is good enough."""
    return member.success is not None and member.success >= SHARE * reference


def main(wanted: Sequence[str], runs: Path = RUNS, settings: Settings | None = None) -> int:
    """Train and print, one behaviour after the other."""
    settings = settings or Settings()
    missed = []
    for behaviour in BEHAVIOURS:
        name = f"{behaviour.env}/{behaviour.task}"
        if wanted and name not in wanted:
            continue
        metric = load_task(load_pack(behaviour.env), behaviour.task).metric
        reference = metric.reference if metric is not None and metric.reference is not None else 1.0
        members = members_of(train(behaviour, runs, settings))
        for one in members:
            print(f"{name}: {one.success} of {reference:g} with {one.candidate}, seed {one.seed}", flush=True)
        reached = sum(is_reached(one, reference) for one in members)
        print(f"{name}: reached by {reached} of {len(members)}", flush=True)
        missed += [] if reached else [name]
    return TargetNotMetError.exit_code if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
