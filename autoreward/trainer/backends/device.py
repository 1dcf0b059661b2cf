"""Where a population is trained, how many environments fit there, and what happens when they do not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import jax
import psutil

from autoreward.environment.mjx_env import MjxEnv
from autoreward.environment.pack import Pack
from autoreward.environment.simulation.mjx_simulation import JAX, WARP, has_warp, mjx_problem
from autoreward.errors import EnvironmentFailedError
from autoreward.records import DEVICE_SIZES, PPOSettings
from autoreward.trainer.graphics import no_gpu

CPU, GPU, REHEARSAL = "cpu", "cuda", "cpu-mjx"  # the C simulation; MJX on a GPU; MJX on the CPU, for tests
GPU_JAX, GPU_WARP, REHEARSAL_WARP = "cuda-jax", "cuda-warp", "cpu-warp"
ON_GPU, REHEARSALS = (GPU, GPU_JAX, GPU_WARP), (REHEARSAL, REHEARSAL_WARP)
TOTAL_ENVS = 8192  # of the whole population on a GPU, if they fit
STEPS = 32  # a rollout on a GPU, at most: many short ones in parallel
FEWEST_UPDATES = 50  # of a training: more environments than that leaves learn nothing
MEMORY_SHARE = 0.8  # of the free memory that a training may plan with
# A step holds the state of the simulation several times (in, out, stages of the integrator, the solver's own arrays);
# compiled for a CPU, XLA reports 0.7 (half_cheetah) to 2.1 (humanoid) times the bytes of mjx.Data.
COPIES_OF_DATA = 4
COPIES_OF_STEP = 3  # recorded, by member, flat for the update


def choose_device(wanted: str, pack: Pack) -> str:
    """Where to train: "cpu", "cuda-jax", "cuda-warp", "cpu-mjx" or "cpu-warp".

    Args:
        wanted: one of these; or "cuda", on Warp where it is installed; or "auto", a GPU if jax sees one and MJX can
            run the pack.

    Raises:
        EnvironmentFailedError: a GPU or Warp is wanted, and there is none, or MJX cannot run the pack.
    """
    if wanted == CPU or (pack.foreign is not None and wanted == "auto"):
        return CPU
    if pack.foreign is not None:
        raise EnvironmentFailedError(
            f"{pack.name} is stepped by its own code, on the CPU, and cannot be trained on {wanted!r}.",
            "Use --device cpu.",
        )
    if wanted in ON_GPU and not has_gpu():
        raise no_gpu(wanted)
    if wanted == "auto" and not has_gpu():
        return CPU
    device = (GPU_WARP if has_warp() else GPU_JAX) if wanted in ("auto", GPU) else wanted
    problem = mjx_problem(pack, impl_of(device))
    if problem is None:
        return device
    if wanted == "auto":
        return CPU
    raise EnvironmentFailedError(f"{pack.name} cannot be trained on a GPU: {problem}", "Use --device cpu.")


def impl_of(device: str) -> str:
    """Which of MJX's implementations computes on a device that choose_device has chosen."""
    return WARP if device in (GPU_WARP, REHEARSAL_WARP) else JAX


def has_gpu() -> bool:
    """Whether jax computes on a GPU."""
    return jax.default_backend() == "gpu"


@contextmanager
def placed_on(device: str) -> Iterator[None]:
    """New arrays and programs belong to this device; without it a GPU would be used wherever there is one."""
    if device in ON_GPU or not has_gpu():
        yield
        return
    jax.config.update("jax_default_device", jax.devices("cpu")[0])  # of all threads: a rollout has several
    try:
        yield
    finally:
        jax.config.update("jax_default_device", None)


def free_memory() -> int:
    """What a training can use [bytes]: of the GPU as jax manages it, else of the machine."""
    stats = jax.local_devices()[0].memory_stats() if has_gpu() else None
    if stats and "bytes_limit" in stats:
        return int(stats["bytes_limit"]) - int(stats["bytes_in_use"])
    return int(psutil.virtual_memory().available)


def estimate_bytes_each(env: MjxEnv, num_steps: int) -> int:
    """An upper estimate of what one environment takes in a rollout and its update [bytes]."""
    pack, actions = env.pack, env.actions.low.size
    fields = sum(math.prod(field.shape) for field in pack.fields_declared)
    numbers = 2 * fields + 4 * pack.observation_size + 6 * actions + 8  # recorded a step, 4 bytes each
    return COPIES_OF_DATA * env.simulation.bytes_each + COPIES_OF_STEP * num_steps * 4 * numbers


def choose_device_settings(settings: PPOSettings, members: int, n_timesteps: int, fitting: int) -> PPOSettings:
    """PPO settings for a device: more environments, shorter rollouts, minibatches of the size that was asked for.

    So a training makes as many gradient steps as on the CPU. What is set for devices is not replaced: `device_envs`,
    with which rollouts and minibatches hold as they are set, `device_steps` and `device_minibatches`.

    Args:
        fitting: simulations that fit into the memory.
    """
    sizes = {name: getattr(settings, device_name) for name, device_name in DEVICE_SIZES.items()}
    stated = {name: value for name, value in sizes.items() if value is not None}
    if "num_envs" in stated:
        return settings.model_copy(update=stated)
    steps = stated.get("num_steps", min(settings.num_steps, STEPS))
    wanted = min(TOTAL_ENVS // members, n_timesteps // (FEWEST_UPDATES * steps), fitting // members)
    return _resize(settings, _floor_to_power_of_two(wanted), steps).model_copy(update=stated)


def has_sizes_for_devices(settings: PPOSettings) -> bool:
    """Whether a person has set a size that would be chosen else."""
    return any(getattr(settings, name) is not None for name in DEVICE_SIZES.values())


def halve_environments(settings: PPOSettings) -> PPOSettings:
    """The same with half as many environments a member."""
    return _resize(settings, max(1, settings.num_envs // 2), settings.num_steps)


def _resize(settings: PPOSettings, num_envs: int, num_steps: int) -> PPOSettings:
    minibatch = settings.num_envs * settings.num_steps // settings.num_minibatches
    batch = num_envs * num_steps
    count = next(count for count in range(max(1, batch // minibatch), 0, -1) if batch % count == 0)
    return settings.model_copy(update={"num_envs": num_envs, "num_steps": num_steps, "num_minibatches": count})


def _floor_to_power_of_two(most: int) -> int:
    """The greatest power of two that is not above `most`; at least 1."""
    return 1 << max(0, most.bit_length() - 1) if most > 0 else 1
