"""Python, the packages, and the combinations of them that are known not to work."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

from autoreward.versions import installed_version
from autoreward.views import DoctorLine

OLDEST, TOO_NEW = (3, 11), (3, 14)
NEEDED = ("numpy", "scipy", "jax", "jaxlib", "mujoco", "mjbatch", "gymnasium", "optax", "openai", "pydantic")
OPTIONAL = ("stable-baselines3", "litellm", "mujoco-mjx", "warp-lang", "metaworld", "av")
PAIR = ("3.11.0", "0.1.0")  # mujoco, and the mjbatch that was built against it
COMPROMISED = ("1.82.7", "1.82.8")  # releases of litellm
REINSTALL = "Install the versions of constraints.txt: pip install -c constraints.txt autoreward"


def check_python() -> Iterator[DoctorLine]:
    """The interpreter and the platform."""
    fits = OLDEST <= sys.version_info[:2] < TOO_NEW
    yield DoctorLine(
        check="python",
        status="ok" if fits else "failure",
        detail=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        fix="" if fits else "Use Python 3.11, 3.12 or 3.13.",
    )


def check_packages() -> Iterator[DoctorLine]:
    """What is installed, what is missing, what conflicts."""
    installed = {name: version for name in NEEDED + OPTIONAL if (version := installed_version(name))}
    missing = [name for name in NEEDED if name not in installed]
    yield DoctorLine(
        check="packages",
        status="failure" if missing else "ok",
        detail=f"missing: {', '.join(missing)}" if missing else ", ".join(f"{n} {v}" for n, v in installed.items()),
        fix=REINSTALL if missing else "",
    )
    for conflict, fix in conflicts(installed):
        yield DoctorLine(check="packages", status="failure", detail=conflict, fix=fix)


def conflicts(installed: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Combinations that are known not to work, each with its cure.

    Args:
        installed: installed versions by distribution name.
    """
    pair = (installed.get("mujoco"), installed.get("mjbatch"))
    if None not in pair and pair != PAIR:
        yield (
            f"mujoco {pair[0]} with mjbatch {pair[1]}: the batched simulation needs mujoco {PAIR[0]} with {PAIR[1]}",
            f"pip install mujoco=={PAIR[0]} mjbatch=={PAIR[1]}",
        )
    if installed.get("jax") and installed.get("jaxlib") and installed["jax"] != installed["jaxlib"]:
        yield f"jax {installed['jax']} with jaxlib {installed['jaxlib']}", f"pip install jaxlib=={installed['jax']}"
    if installed.get("litellm") in COMPROMISED:
        yield (
            f"litellm {installed['litellm']} is a compromised release",
            "Uninstall it, change every key this machine knew, then: pip install 'litellm!=1.82.7,!=1.82.8'",
        )
