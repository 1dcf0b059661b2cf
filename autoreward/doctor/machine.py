"""GPU, memory, isolation and disk."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from autoreward.process_environment import compilation_cache_directory
from autoreward.records import Tier
from autoreward.reward.sandbox.isolation import PROMISES, TIERS
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.graphics import DEADLINE, jax_platform
from autoreward.versions import installed_version
from autoreward.views import DoctorLine

GIB, MIB = 2**30, 2**20
MJX = "pip install 'mujoco-mjx==3.11.0'"
LITTLE_MEMORY = 4 * GIB
LITTLE_DISK, NO_DISK = 5 * GIB, GIB // 2
CONTAINER = "Run it in a container or a virtual machine where the model that writes the rewards is not trusted."


def check_gpu() -> Iterator[DoctorLine]:
    """What the driver and what jax see."""
    cards = _cards()
    platform = jax_platform()
    if platform == "gpu":
        yield DoctorLine(check="gpu", status="ok", detail=f"{cards or 'a GPU'}, used by jax")
    elif cards:
        detail = f"{cards}, but jax uses {platform}"
        yield DoctorLine(check="gpu", status="warning", detail=detail, fix="pip install 'autoreward[gpu]'")
    else:
        yield DoctorLine(check="gpu", status="ok", detail=f"none; jax uses {platform}")


def _cards() -> str:
    """`NVIDIA H200, 139 GiB`, or nothing."""
    if not shutil.which("nvidia-smi"):
        return ""
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    done = subprocess.run(query, capture_output=True, text=True, timeout=DEADLINE)
    return "; ".join(done.stdout.split("\n")).strip("; ") if done.returncode == 0 else ""


def check_mjx() -> Iterator[DoctorLine]:
    """Whether physics can run on a GPU."""
    mjx, warp = installed_version("mujoco-mjx"), installed_version("warp-lang")
    uses = f"on MuJoCo Warp (warp-lang {warp})" if warp else "with its jax implementation"
    seen = f"MJX {mjx}: --device cuda trains on a GPU, {uses}" if mjx else "no MJX: training on the CPU"
    yield DoctorLine(
        check="gpu physics",
        status="ok",
        detail=seen,
        fix="" if mjx else MJX,
    )


def check_compilation_cache() -> Iterator[DoctorLine]:
    """Where compiled programs are kept, and how many."""
    folder = compilation_cache_directory()
    files = [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
    size = sum(path.stat().st_size for path in files)
    detail = f"{folder}: {len(files)} files, {size / MIB:.0f} MiB"
    yield DoctorLine(check="compilation cache", status="ok", detail=detail)


def check_memory() -> Iterator[DoctorLine]:
    """Memory that is free now, and cores."""
    memory = psutil.virtual_memory()
    little = memory.available < LITTLE_MEMORY
    yield DoctorLine(
        check="memory",
        status="warning" if little else "ok",
        detail=f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB free, {psutil.cpu_count()} cores",
        fix="Train fewer members at once: --candidates, --seeds." if little else "",
    )


def check_isolation(required: Tier) -> Iterator[DoctorLine]:
    """The tier in which reward programs are traced, found out by trying to break out, with its promise."""
    with Sandbox() as sandbox:
        isolation = sandbox.isolation
    tier = isolation.tier
    enough = TIERS.index(tier) >= TIERS.index(required)
    why = f"; {isolation.reasons}" if isolation.missing else ""
    yield DoctorLine(
        check="isolation",
        status="failure" if not enough else "ok" if tier == "strong" else "warning",
        detail=f"{tier}: {PROMISES[tier]}{why}" + ("" if enough else f"; {required!r} is required"),
        fix="" if tier == "strong" and enough else CONTAINER,
    )


def check_runs(runs: str) -> Iterator[DoctorLine]:
    """Whether the run folder can be written, and how much fits."""
    folder = Path(runs).absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"autoreward")
    except OSError as error:
        detail = f"{folder} cannot be written: {error.strerror}"
        yield DoctorLine(check="runs", status="failure", detail=detail, fix="Choose another one: --set runs=DIR.")
        return
    free = shutil.disk_usage(existing).free
    status = "failure" if free < NO_DISK else "warning" if free < LITTLE_DISK else "ok"
    yield DoctorLine(
        check="runs",
        status=status,  # type: ignore[arg-type]
        detail=f"{folder} can be written, {free / GIB:.1f} GiB free",
        fix="" if status == "ok" else "Free some space, or choose another disk: --set runs=DIR.",
    )
