"""Which environments an algorithm can act in, and whether it is installed: found out before anything is written."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from autoreward.environment.environment import Environment
from autoreward.errors import UsageError
from autoreward.records import Algo

INSTALL = "pip install 'autoreward[sb3]'"


def require_algo(algo: Algo, environment: Environment) -> None:
    """Refuse an algorithm that cannot be used here.

    Raises:
        UsageError: stable-baselines3 is not installed, or the algorithm takes no actions of this kind.
    """
    if algo == "ppo":
        return
    if importlib.util.find_spec("stable_baselines3") is None:
        raise UsageError(f"--algo {algo} is stable-baselines3's, which is not installed.", INSTALL)
    foreign = environment.pack.foreign
    choices = foreign.choices if foreign is not None else ()
    free = bool(foreign.free_actions) if foreign is not None else False
    problem = wrong_actions(algo, choices, free)
    if problem is not None:
        raise UsageError(f"{environment.spec.name}: {problem}", _other(choices, free))


def wrong_actions(algo: Algo, choices: Sequence[int], free: bool) -> str | None:
    """Why an algorithm cannot act in an environment; None where it can.

    Args:
        choices: sizes of the parts of an action that is chosen; (): actions are numbers.
        free: some of these numbers have no two limits.
    """
    if algo == "dqn" and len(choices) != 1:
        seen = f"{len(choices)} choices at once" if choices else "numbers"
        return f"its actions are {seen}, and dqn takes one choice (Discrete)."
    if algo in ("sac", "td3") and choices:
        return f"its actions are choices, and {algo} takes numbers in a range (Box)."
    if algo in ("sac", "td3") and free:
        return f"some of its actions have no limits, and {algo} takes numbers in a range."
    return None


def _other(choices: Sequence[int], free: bool) -> str:
    known: tuple[Algo, ...] = ("ppo", "sac", "td3", "dqn")
    fitting = [algo for algo in known if wrong_actions(algo, choices, free) is None]
    return f"--algo {' or '.join(fitting)}"
