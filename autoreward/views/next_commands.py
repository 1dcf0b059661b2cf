"""What to type after a search: commands that work as they stand, for people and for programs."""

from __future__ import annotations

import shlex
from pathlib import Path

DEFAULT_RUNS = Path("runs")  # where the end of an id is enough
EXPORT = "best_reward"  # the folder that is proposed for an export
COMPLETE = ("done", "target_not_met", "no_valid_candidate")  # nothing is missing of a run that ended like this
WAITING = "waiting"


def run_name(folder: str | Path) -> str:
    """What a command calls a run: the end of its id, its path where it is not in `runs/`; quoted for a shell."""
    return shlex.quote(_bare(folder))


def _bare(folder: str | Path) -> str:
    path = Path(folder)
    return path.name.rpartition("_")[2] if path.parent == DEFAULT_RUNS else str(path)


def go_on_command(folder: str | Path, status: str, larger: str = "") -> str:
    """The command that does what is missing of a run; "" where nothing is.

    Args:
        status: how the run ended.
        larger: the setting of a budget that would do, KEY=VALUE.
    """
    if status in COMPLETE:
        return ""
    return f"autoreward resume {run_name(folder)}" + (f" --set {shlex.quote(larger)}" if larger else "")


def next_commands(
    folder: str | Path, best: str | None, status: str = "done", larger: str = "", people: bool = False
) -> tuple[str, ...]:
    """The commands that make sense after a search.

    Args:
        folder: of the run.
        best: the id of the best candidate; None where nothing was trained.
        status: how the run ended; one that runs is only looked at.
        larger: the setting of a budget that would do, KEY=VALUE.
        people: they choose among the candidates: that is what a run of theirs waits for.
    """
    name = run_name(folder)
    if status == "running":
        return (f"autoreward show {name}",)
    resume = go_on_command(folder, status, larger)
    answers = (f"autoreward prefer {name}", f"autoreward ui {name}") if people else (f"autoreward reply {name} -",)
    first = tuple(command for command in (*(answers if status == WAITING else ()), resume) if command)
    refine = f'autoreward refine {name} "what should be different"'
    if best is None:
        again = () if resume else (refine,)
        return (*first, f"autoreward show {name}", *again, "autoreward guide")
    return (
        *first,
        f"autoreward show {shlex.quote(f'{_bare(folder)}:{best}')}",
        refine,
        f"autoreward export {name} -o {_free_export(folder)}",
    )


def _free_export(folder: str | Path) -> str:
    """A folder for the export that is not taken: the usual one, or one that is called like the run."""
    if not Path(EXPORT).exists():
        return EXPORT
    return f"{EXPORT}_{shlex.quote(Path(folder).name.rpartition('_')[2])}"
