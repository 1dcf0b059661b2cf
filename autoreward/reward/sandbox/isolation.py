"""Which isolation this machine gives, found out by trying: the tiers, their promises, and what is missing.

strong   Landlock and seccomp pass the self-test
medium   seccomp passes it
basic    neither: limits, an empty environment and a deadline; no security boundary
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoreward.errors import IsolationError
from autoreward.records import Tier
from autoreward.reward.sandbox.limits import LANDLOCK, LAYERS, LIMITS, PRIVILEGES, SECCOMP
from autoreward.reward.sandbox.replies import ReplyError, plain
from autoreward.reward.sandbox.selftest import CHANGEABLE, READABLE

TIERS: tuple[Tier, ...] = ("basic", "medium", "strong")  # the weakest first
PROMISES: dict[Tier, str] = {
    "strong": "a reward program cannot write a file, reach the network, start a program or read the key",
    "medium": "a reward program cannot write a file, reach the network or start a program",
    "basic": "limits, an empty environment and a deadline guard against mistakes; not a security boundary",
}
REMEDY = (
    "strong needs Linux 5.13 or newer on x86-64 with Landlock among the kernel's security modules (lsm=landlock,...), "
    "medium any Linux on x86-64 where a process may set a seccomp filter. A lower tier has to be asked for: "
    "--require-isolation {tier}."
)

Run = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Isolation:
    """What the self-test found."""

    tier: Tier
    layers: tuple[str, ...]  # of LAYERS: those that hold, and that every job sets
    missing: tuple[str, ...]  # why it is not `strong`, in words

    def require(self, wanted: Tier) -> None:
        """Nothing below the tier that was asked for.

        Raises:
            IsolationError: this machine gives less; the message says what is missing.
        """
        if TIERS.index(self.tier) < TIERS.index(wanted):
            message = f"Isolation tier {wanted!r} was asked for, this machine gives {self.tier!r}: {self.reasons}."
            raise IsolationError(message, REMEDY.format(tier=self.tier))

    @property
    def reasons(self) -> str:
        """What is missing, on one line."""
        return "; ".join(self.missing) or "nothing is missing"


def measure(run: Run, processes: Sequence[int]) -> Isolation:
    """Try each layer alone, then all that hold together.

    Args:
        run: sends a self-test job to a child of its own; its reply, or text that says why there is none.
        processes: ids of the controller and of the fork server.
    """
    with tempfile.TemporaryDirectory(prefix="autoreward-selftest-") as folder:

        def gaps(*layers: str) -> list[str]:
            scratch = Path(tempfile.mkdtemp(dir=folder))
            for name in (READABLE, CHANGEABLE):
                (scratch / name).touch(mode=0o600)
            return _gaps(run({"layers": layers, "scratch": str(scratch), "processes": list(processes)}))

        if not sys.platform.startswith("linux"):
            missing = gaps(LIMITS)
            return Isolation(
                "basic", () if missing else (LIMITS,), (f"{sys.platform} has neither Landlock nor seccomp",)
            )
        return _judge(gaps)


def _judge(gaps: Callable[..., list[str]]) -> Isolation:
    missing: dict[str, list[str]] = {}
    holding = [layer for layer in (PRIVILEGES, LIMITS) if not missing.setdefault(layer, gaps(layer))]
    for layer in (LANDLOCK, SECCOMP):
        needed = [PRIVILEGES] if PRIVILEGES in holding else []  # without it only root may set these
        if not missing.setdefault(layer, gaps(*needed, layer)):
            holding.append(layer)
    layers = tuple(layer for layer in LAYERS if layer in holding)
    together = gaps(*layers)
    said = [f"{layer} does not hold ({', '.join(problems)})" for layer, problems in missing.items() if problems]
    said += [f"all layers together let through: {gap}" for gap in together]
    return Isolation(_tier(set(layers), together), layers, tuple(said))


def _tier(layers: set[str], gaps: Sequence[str]) -> Tier:
    if gaps or not {PRIVILEGES, LIMITS, SECCOMP} <= layers:
        return "basic"
    return "strong" if LANDLOCK in layers else "medium"


def _gaps(reply: Any) -> list[str]:
    """What a child let through, or why it could not say."""
    if isinstance(reply, str):
        return [reply]
    try:
        if reply["error"] is not None:
            return [plain(reply["error"], 200)]
        return [plain(gap, 200) for gap in reply["gaps"]]
    except (KeyError, TypeError, ReplyError):
        return ["the self-test gave no answer"]
