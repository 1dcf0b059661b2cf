"""`bench require`: whether what is required of a person's reward is kept to, and what speed it costs.

The human-written reward of a task is trained as it is and with a requirement that it would break, on equal seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from autoreward.bench.stored import OnEvent, StoredTraining, by_seed, compiled
from autoreward.config import Settings
from autoreward.critic.requirements import compile_requirements
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward
from autoreward.errors import UnknownNameError, UsageError
from autoreward.intervals import compare_paired, interval
from autoreward.records import MemberResult, Requirements, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.required import MET, shares
from autoreward.views import RequireRow, RequireView

TASK = "forward"
REQUIRED: Mapping[str, tuple[str, ...]] = {  # what the human-written reward breaks on its own
    "half_cheetah": ("mean(abs(torso_pitch_rate)) <= 1.4",),
    "hopper": ("torso_pitch <= 0.1 in 95 %",),
}
LOSS = 0.2  # of the speed without a requirement
FREE = "free"


def measure_requirements(
    env: str, texts: Sequence[str], folder: Path, settings: Settings, on_event: OnEvent
) -> RequireView:
    """Train what is missing, and compare.

    Args:
        texts: requirements, each trained on its own; those of the environment by default.

    Raises:
        UnknownNameError: an environment for which nothing is required here.
        UsageError: the folder has results of other sizes or requirements.
    """
    if not texts and env not in REQUIRED:
        raise UnknownNameError("environment with a requirement here", env, REQUIRED)
    texts = tuple(texts) or REQUIRED[env]
    members = StoredTraining(folder, "require", env, TASK, settings).members(partial(_rewards, texts), on_event)
    missing = [text for text in texts if not by_seed(members, text)]
    if missing:
        raise UsageError(f"{folder} has results without {missing[0]!r}.", "Name another folder.")
    free, episodes = by_seed(members, FREE), settings.design.evaluation_episodes
    rows = tuple(_row(text, members, free, episodes) for text in texts)
    return RequireView(
        env=env,
        task=TASK,
        seeds=settings.design.seeds,
        n_timesteps=settings.design.n_timesteps,
        free=interval(list(free.values()), len(free) * episodes),
        rows=rows,
        passed=all(row.met >= MET and row.loss is not None and row.loss <= LOSS for row in rows),
    )


def _row(text: str, members: Sequence[MemberResult], free: Mapping[int, float], episodes: int) -> RequireRow:
    successes = by_seed(members, text)
    kept = next(one for one in shares(one for one in members if one.candidate == text) if one.text == text)
    loose = next(one for one in shares(one for one in members if one.candidate == FREE) if one.text == text)
    mean, before = (sum(one.values()) / len(one) for one in (successes, free))
    return RequireRow(
        requirement=text,
        met=kept.met,
        value=kept.value,
        free_met=loose.met,
        free_value=loose.value,
        fitness=interval(list(successes.values()), len(successes) * episodes),
        difference=compare_paired(successes, free, episodes),
        loss=1.0 - mean / before if before > 0.0 else None,
    )


def _rewards(texts: Sequence[str], environment: Environment, sandbox: Sandbox) -> Mapping[str, RewardSpec]:
    source = human_reward(environment.pack, TASK)
    assert source is not None  # the tasks here have one
    human = compiled({FREE: source}, environment, sandbox)[FREE]
    all_of_them = compile_requirements(texts, environment.spec, sandbox)
    assert all_of_them is not None  # there are some
    rewards = {FREE: RewardSpec(kind="program", compiled=human, requirements=_out_of_the_way(all_of_them))}
    for text in texts:
        required = compile_requirements([text], environment.spec, sandbox)
        rewards[text] = RewardSpec(kind="program", compiled=human, requirements=required)
    return rewards


def _out_of_the_way(requirements: Requirements) -> Requirements:
    """The same costs, measured and never charged."""
    items = tuple(one.model_copy(update={"charged": False}) for one in requirements.items)
    return requirements.model_copy(update={"items": items})
