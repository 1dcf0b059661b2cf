"""The rewards of a bank: the built-in list, the same wherever it is made, or the files of a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml

from autoreward.designer.compose.compose import proposals
from autoreward.designer.parse import find_program
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward, load_task
from autoreward.errors import UsageError
from autoreward.export.source import read_text
from autoreward.records import Brief, Record
from autoreward.search.final_evaluation import HUMAN, SPARSE

REWARDS = 60  # of one environment
PROGRAMS = Path(__file__).with_name("programs.yaml")

REPLY, PROGRAM = ".md", ".py"  # a reply with a program in it; a reward file
Origin = Literal["compose", "human", "honest", "bad", "sparse", "file"]


class BankReward(Record):
    """One reward of the bank."""

    name: str  # "compose07", "human", "honest_eureka", "bad_noise", "g00c05"
    origin: Origin
    source: str  # "" for sparse, which is no program


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
    return (BankReward(name=HUMAN, origin="human", source=human), *others)


def file_rewards(environment: Environment, task: str, folder: Path) -> tuple[BankReward, ...]:
    """The rewards of a folder in the order of their names, the human one before them, sparse after them.

    Args:
        folder: reward files (`.py`) and replies of a model (`.md`), of which the program counts.

    Raises:
        UsageError: no such folder, nothing in it, or two files of one name.
    """
    files = sorted(file for file in folder.glob("*") if file.suffix in (REPLY, PROGRAM)) if folder.is_dir() else []
    names = [file.stem for file in files]
    if not files or len(set(names) | {HUMAN, SPARSE}) != len(names) + 2:
        seen = f"it has {', '.join(sorted(names))}" if files else "there is no file"
        raise UsageError(
            f"{folder}: {seen}, expected rewards ({PROGRAM}) or replies with one ({REPLY}), each of a name of its own.",
            f"Name a folder of them; {HUMAN} and {SPARSE} are trained in any case.",
        )
    human = human_reward(environment.pack, task)
    from_files = [BankReward(name=file.stem, origin="file", source=_program(file)) for file in files]
    before = [BankReward(name=HUMAN, origin="human", source=human)] if human is not None else []
    return (*before, *from_files, BankReward(name=SPARSE, origin="sparse", source=""))


def _program(file: Path) -> str:
    text = read_text(str(file))
    return find_program(text) if file.suffix == REPLY else text


def list_digest(rewards: tuple[BankReward, ...]) -> str:
    """One sha256 over the names and the texts, in order."""
    digest = hashlib.sha256()
    for reward in rewards:
        digest.update(reward.name.encode() + b"\0" + reward.source.encode() + b"\0")
    return digest.hexdigest()


def _written(env: str) -> Iterator[BankReward]:
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
