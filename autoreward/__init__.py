"""autoreward designs reward functions for robots from plain words.

    import autoreward

    run = autoreward.design(env="half_cheetah", task="forward", candidates=4, generations=2)
    print(run.best.file, run.best.fitness)

The functions here are those of `autoreward.api`; the command line calls the same ones. They are loaded when first
used, so that `import autoreward` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from autoreward.api import (
        answer,
        check,
        check_environment,
        compare,
        conversation,
        describe_environment,
        design,
        environment,
        environments,
        estimate,
        guide,
        gymnasium_environment,
        init,
        list_runs,
        new_environment,
        next_pair,
        note,
        plot_terms,
        prefer,
        read_task_file,
        refine,
        reply,
        resume,
        show,
        take_back,
        train,
        video,
    )
    from autoreward.views import ExportView

__version__ = "0.2.0.dev0"
__all__ = [
    "__version__",
    "answer",
    "check",
    "check_environment",
    "compare",
    "conversation",
    "describe_environment",
    "design",
    "environment",
    "environments",
    "estimate",
    "export",
    "guide",
    "gymnasium_environment",
    "init",
    "list_runs",
    "new_environment",
    "next_pair",
    "note",
    "plot_terms",
    "prefer",
    "read_task_file",
    "refine",
    "reply",
    "resume",
    "show",
    "take_back",
    "train",
    "video",
]


# Imported later, the folder `export/` would take the place of the function of that name; imported now, it cannot.
import_module("autoreward.export")


def export(run: str, directory: str | Path) -> ExportView:
    """Writes a run's best reward, or one candidate's, for use without autoreward: see `autoreward.api.export`."""
    from autoreward import api  # the first use of a function loads it

    return api.export(run, directory)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'autoreward' has no attribute {name!r}")
    from autoreward import api  # the first use of a function loads it

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
