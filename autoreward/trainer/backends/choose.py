"""Which backend trains a job, and what is tried next where memory runs out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import jax

from autoreward.environment.pack import Pack
from autoreward.records import PPOSettings, TrainingJob
from autoreward.trainer.backends.backend import BackendFactory
from autoreward.trainer.backends.c_backend import CBackendFactory
from autoreward.trainer.backends.device import CPU
from autoreward.trainer.backends.mjx_backend import MjxBackendFactory
from autoreward.trainer.population.guard import ProgramFailed

FACTORIES: tuple[type[BackendFactory], ...] = (CBackendFactory, MjxBackendFactory)
Result = TypeVar("Result")


class Attempt(NamedTuple):
    """One way of training a job."""

    device: str
    factory: BackendFactory
    settings: PPOSettings


class Backends:
    """The factories of a trainer."""

    def __init__(self) -> None:
        self._factories = tuple(factory() for factory in FACTORIES)

    def of_device(self, device: str) -> BackendFactory:
        """The factory that serves a device which `choose_device` has chosen."""
        return next(factory for factory in self._factories if factory.serves(device))

    def attempts(self, job: TrainingJob, pack: Pack, device: str) -> Iterator[Attempt]:
        """The ways of training a job on a device, the best first; where its memory holds none, the CPU's does."""
        for place in dict.fromkeys((device, CPU)):
            factory = self.of_device(place)
            for settings in factory.settings_to_try(job, pack, place):
                yield Attempt(place, factory, settings)


def train_where_it_fits(
    attempts: Sequence[Attempt], train: Callable[[Attempt], Result], say: Callable[[str], None]
) -> tuple[Attempt, Result]:
    """The first attempt that does not run out of memory, and its result; the last one has to do.

    Args:
        say: is told of each that ran out of it.
    """
    for attempt in attempts[:-1]:
        result, problem = _try(train, attempt)
        if result is not None:
            return attempt, result
        gc.collect()  # what the failed attempt still held
        say(f"Out of memory with {attempt.settings.num_envs} environments a member: {problem}")
    return attempts[-1], train(attempts[-1])


def _try(train: Callable[[Attempt], Result], attempt: Attempt) -> tuple[Result | None, str]:
    """The result, or what the allocator said. Returns before the next attempt, so that no traceback holds arrays."""
    try:
        return train(attempt), ""
    except (jax.errors.JaxRuntimeError, ProgramFailed) as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        return None, str(error).splitlines()[0][:200]
