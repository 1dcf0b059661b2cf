"""A success metric that the words of a text suggest: something to start from, where they are clear enough for that."""

from __future__ import annotations

import re

from autoreward.designer.compose.goals import goals_for
from autoreward.designer.compose.words import Aims, read_aims, stem, stems, undeclared_directions
from autoreward.environment.task import NEVER
from autoreward.records import EnvSpec

BEST_MOMENT = ("height", "flip")  # aims of which the best moment counts, not the mean
DIRECTED = ("travel", "turn")  # aims that mean something else in another direction
_FALLS = frozenset(map(stem, ["fall", "topple", "tip", "lean", "tumble", "collapse", "crash"]))
_AVOIDED = re.compile(r"(?:\bnot?\b|n't\b|\bnever\b|\bwithout\b|\bavoid)(?:\s+\w+){0,3}", re.IGNORECASE)
_SLOW = frozenset(map(stem, ["slow", "slowly", "sluggish", "stop", "brake"]))
_CLOCKWISE = re.compile(r"(?<!counter)(?<!counter-)(?<!anti)\bclockwise\b", re.IGNORECASE)
# "the right arm" is no direction; "to the right" is one.
_SIDE_OF_BODY = re.compile(
    r"(?<!to )(?<!towards )(?<!toward )\b(?:the|its|your|his|her|a|one) (?:left|right)\b", re.IGNORECASE
)


def suggest_metric(text: str, env: EnvSpec) -> str | None:
    """A metric expression for what the words of a text ask for most, from the fields; None where they are not clear.

    By keywords: good enough to start from, not good enough to judge by unseen.
    """
    text = _SIDE_OF_BODY.sub(" ", text)
    aims = read_aims(text, env.directions)
    if aims.main not in aims.aims or _is_doubtful(text, env, aims):
        return None
    plain = (one for one in goals_for(aims.main, env, aims) if not one.params and "state." not in one.potential)
    first = next((one for one in plain if "state." in one.term.expression), None)
    if first is None or (aims.main == "turn" and "[..., " not in first.term.expression):  # a rate, but not of turning
        return None
    measured = first.term.expression.replace("next_state.", "").replace("jnp.", "")
    if aims.main == "travel" and aims.speed is not None:
        return f"mean(exp(-abs({measured} - {aims.speed:g})))"
    down = aims.main == "height" and aims.direction_name == "down"
    if down or first.term.weight < 0:
        return _lower_is_better(measured, env, bounded=not down)
    over = "max" if aims.main in BEST_MOMENT else "mean"
    sign = "-" if aims.main == "turn" and (aims.direction_name == "right" or _CLOCKWISE.search(text)) else ""
    return f"{over}({sign}{measured})"


def _lower_is_better(measured: str, env: EnvSpec, bounded: bool) -> str | None:
    """Of something that shall be small. A mean counts the steps after an early end as 0, so 0 must not be the best.

    Args:
        bounded: it is never negative.
    """
    if env.termination == NEVER:
        return f"-mean({measured})"
    return f"mean(1 / (1 + {measured}))" if bounded else None


def _is_doubtful(text: str, env: EnvSpec, aims: Aims) -> bool:
    """Whether single words would mislead: a fall that is wanted, slowness, a direction that the world does not name."""
    falls = any(stem(word) in _FALLS for word in re.findall(r"[A-Za-z]+", _AVOIDED.sub(" ", text)))
    if aims.main == "posture" and falls:
        return True
    if aims.main not in DIRECTED:
        return False
    slow = aims.main == "travel" and aims.speed is None and bool(stems(text) & _SLOW)
    turning = {"left", "right"} if aims.main == "turn" else set()  # about the vertical, which every world has
    return slow or bool(undeclared_directions(text, env.directions) - turning)
