"""The rewards of the bank: the same list in the same order wherever it is made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Literal

from autoreward.designer.compose.compose import proposals
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward, load_task
from autoreward.errors import UsageError
from autoreward.records import Brief, Record

REWARDS = 60  # of one environment
PROGRAMS = Path(__file__).with_name("programs.yaml")

Origin = Literal["compose", "human", "honest", "bad"]


class BankReward(Record):
    """One reward of the bank."""

    name: str  # "compose07", "human", "honest_eureka", "bad_noise"
    origin: Origin
    source: str


def bank_rewards(environment: Environment, task: str) -> tuple[BankReward, ...]:
    """The rewards for one task: human, honest and bad ones, and as many composed ones as make up the number.

    The human reward comes first and the others in a shuffled order, so that the first few are of every kind.

    Raises:
        UnknownNameError: the pack has no such task.
        UsageError: it has no human-written reward.
    """
    human = human_reward(environment.pack, task)
    if human is None:
        raise UsageError(
            f"{environment.spec.name}/{task}: there is no human-written reward, "
            "and the bank needs one to compare with.",
            "Name a task that has one: `autoreward envs ENV` shows them.",
        )
    others = list(_written(environment.spec.name))
    others += _composed(environment, task, REWARDS - 1 - len(others))
    Random(0).shuffle(others)
    return (BankReward(name="human", origin="human", source=human), *others)


def list_digest(rewards: tuple[BankReward, ...]) -> str:
    """One sha256 over the names and the texts, in order."""
    digest = hashlib.sha256()
    for reward in rewards:
        digest.update(reward.name.encode() + b"\0" + reward.source.encode() + b"\0")
    return digest.hexdigest()


def _written(env: str) -> Iterator[BankReward]:
    import yaml

    origins: Mapping[Origin, Mapping[str, Any]] = yaml.safe_load(PROGRAMS.read_text(encoding="utf-8"))
    for origin, programs in origins.items():
        for name, entry in programs.items():
            if env in entry.get("only", [env]):
                yield BankReward(name=f"{origin}_{name}", origin=origin, source=entry["source"])


def _composed(environment: Environment, task: str, count: int) -> list[BankReward]:
    """What `compose` proposes for the first generation: its plausible combinations first, then random draws."""
    text = load_task(environment.pack, task).text
    brief = Brief(text=text, env=environment.spec, generation=0, slot=0, candidates=count, seed=0)
    return [
        BankReward(name=f"compose{index:02d}", origin="compose", source=program.source())
        for index, program in enumerate(proposals(brief))
    ]
