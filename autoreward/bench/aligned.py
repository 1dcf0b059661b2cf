"""`bench aligned`: whether weights that follow the task's own progress leave a misleading term aside and use a helpful
one, and what it costs to learn them.

    primary      the task's progress alone
    naive        the same and a term that pays backward speed, added as they are
    misleading   the same term, its weight learned
    helpful      a term that pays forward speed, its weight learned
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autoreward.bench.combine import BACKWARD, BACKWARD_WEIGHT, FORWARD, TASK, TERMS, program_text
from autoreward.bench.stored import OnEvent, StoredTraining, by_seed, compiled
from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.errors import UnknownNameError
from autoreward.intervals import compare_paired, interval
from autoreward.records import CombinationSpec, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.views import AlignedRow, AlignedView

KEPT, LOST, COST = 0.9, 0.3, 1.5  # of the progress alone: at least with learned weights, at most with the naive sum
PRIMARY, NAIVE, MISLEADING, HELPFUL = "primary", "naive", "misleading", "helpful"


def measure_aligned(env: str, folder: Path, settings: Settings, on_event: OnEvent) -> AlignedView:
    """Train what is missing, measure the cost, and compare.

    Raises:
        UnknownNameError: an environment without terms here.
        UsageError: the folder has results of other sizes.
    """
    if env not in TERMS:
        raise UnknownNameError("environment to compare in", env, TERMS)
    members = StoredTraining(folder, "aligned_check", env, TASK, settings).members(_rewards, on_event)
    episodes = settings.design.evaluation_episodes
    found = {name: by_seed(members, name) for name in (PRIMARY, NAIVE, MISLEADING, HELPFUL)}
    rows = tuple(
        AlignedRow(
            name=name,
            fitness=interval(list(one.values()), len(one) * episodes) if one else None,
            difference=compare_paired(one, found[PRIMARY], episodes) if name != PRIMARY and one else None,
        )
        for name, one in found.items()
    )
    means = {row.name: row.fitness.mean for row in rows if row.fitness is not None}
    shares = {name: mean / means[PRIMARY] for name, mean in means.items()} if means.get(PRIMARY, 0.0) > 0.0 else {}
    from autoreward.bench.aligned_cost import measure_cost  # it updates policies in this process: jax

    cost = measure_cost(env, settings.ppo)
    return AlignedView(
        env=env,
        task=TASK,
        seeds=settings.design.seeds,
        n_timesteps=settings.design.n_timesteps,
        rows=rows,
        shares=shares,
        cost=cost,
        passed=bool(shares) and shares[MISLEADING] >= KEPT and shares[NAIVE] <= LOST and shares[HELPFUL] > 1.0
        and cost < COST,
    )  # fmt: skip


def _rewards(environment: Environment, sandbox: Sandbox) -> Mapping[str, RewardSpec]:
    terms = {
        MISLEADING: {"backward": (BACKWARD_WEIGHT, BACKWARD)},
        HELPFUL: {"forward": (1.0, FORWARD)},
    }
    sources = {name: program_text(f"A {name} term.", one) for name, one in terms.items()}
    programs = compiled(sources, environment, sandbox)
    learned, added = CombinationSpec(kind="aligned"), CombinationSpec(kind="added")
    return {
        PRIMARY: RewardSpec(kind="sparse"),
        NAIVE: RewardSpec(kind="program", compiled=programs[MISLEADING], combination=added),
        **{name: RewardSpec(kind="program", compiled=one, combination=learned) for name, one in programs.items()},
    }
