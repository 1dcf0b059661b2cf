"""What to type after a search: commands that work as they stand, for people and for programs."""

from __future__ import annotations

import shlex
from pathlib import Path

DEFAULT_RUNS = Path("runs")  # where the end of an id is enough


def run_name(folder: str | Path) -> str:
    """What a command calls a run: the end of its id, its path where it is not in `runs/`; quoted for a shell."""
    path = Path(folder)
    return shlex.quote(path.name.rpartition("_")[2] if path.parent == DEFAULT_RUNS else str(path))


def next_commands(folder: str | Path, best: str | None) -> tuple[str, ...]:
    """The commands that make sense after a search.

    Args:
        folder: of the run.
        best: the id of the best candidate; None where nothing was trained.
    """
    name = run_name(folder)
    if best is None:
        return (f"autoreward show {name}", f"autoreward resume {name}", "autoreward guide")
    return (
        f"autoreward show {name}:{best}",
        f'autoreward refine {name} "what should be different"',
        f"autoreward export {name} -o best_reward",
    )
