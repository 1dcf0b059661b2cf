"""Python, the packages, and the combinations of them that are known not to work."""

from __future__ import annotations

import importlib.util
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from autoreward.versions import installed_version
from autoreward.views import DoctorLine

OLDEST, TOO_NEW = (3, 11), (3, 14)
NEEDED = ("numpy", "scipy", "jax", "jaxlib", "mujoco", "mjbatch", "gymnasium", "optax", "openai", "pydantic")
PYGAMES = ("pygame", "pygame-ce")  # the same files
OPTIONAL = (
    "stable-baselines3",
    "litellm",
    "mujoco-mjx",
    "warp-lang",
    "metaworld",
    "av",
    "envpool",
    "pygame-ce",
    "pygame",
)
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
    for conflict, fix in (*conflicts(installed), *half_upgraded(installed.get("mujoco"), mujoco_libraries())):
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
    if installed.get("pygame") and installed.get("pygame-ce"):
        yield (
            f"pygame {installed['pygame']} and pygame-ce {installed['pygame-ce']} are both installed: each has written "
            "over the files of the other",
            "pip uninstall pygame pygame-ce, then: pip install pygame-ce",
        )
    if installed.get("litellm") in COMPROMISED:
        yield (
            f"litellm {installed['litellm']} is a compromised release",
            "Uninstall it, change every key this machine knew, then: pip install 'litellm!=1.82.7,!=1.82.8'",
        )


def half_upgraded(version: str | None, libraries: Sequence[str]) -> Iterator[tuple[str, str]]:
    """MuJoCo's package of one version with the library of another, as an upgrade over an older one leaves it.

    Args:
        version: that the package says it has.
        libraries: versions of the libraries that lie in its folder.
    """
    if version is not None and libraries and tuple(libraries) != (version,):
        yield (
            f"mujoco {version} lies over the files of {', '.join(one for one in libraries if one != version)}: "
            "it was upgraded half",
            f"pip uninstall mujoco, delete what is left of its folder, then: pip install mujoco=={PAIR[0]}",
        )


def mujoco_libraries() -> tuple[str, ...]:
    """The versions of the libraries in the folder of the package mujoco, by their file names; it is not imported."""
    found = importlib.util.find_spec("mujoco")
    folders = found.submodule_search_locations or () if found is not None else ()
    files = [file.name for folder in folders for file in Path(folder).glob("libmujoco*")]
    versions = {match.group() for name in files if (match := re.search(r"\d+\.\d+\.\d+", name))}
    return tuple(sorted(versions))
