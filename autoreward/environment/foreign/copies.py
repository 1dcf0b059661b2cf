"""Copies of an environment in this process, one after the other; made once, and kept for the next training."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, Int, Num
from numpy.typing import NDArray

from autoreward.environment.foreign.layout import Layout
from autoreward.environment.foreign.making import failed, make, quiet, said
from autoreward.environment.foreign.reference import Reference
from autoreward.environment.random_rollout import draw_actions
from autoreward.errors import EnvironmentFailedError

LARGEST_NUMBER = 1e30  # of an observation or a field, for float32
TIMED_STEPS, LONGEST_TIMING = 9, 0.2  # of which the median says how long a step takes; [s] in all
MEND = "Mend it there."


@dataclass(frozen=True)
class Moments:
    """What N environments show at one moment."""

    rows: Float32[np.ndarray, "N O"]  # observations
    raw: dict[str, NDArray[Any]]  # what fields are made of [N, ...]

    def replaced(self, which: Bool[np.ndarray, " N"], others: Moments) -> Moments:
        """These, with the rows of `others` in the places `which`."""
        if which.all():
            return others
        rows, raw = self.rows.copy(), {name: array.copy() for name, array in self.raw.items()}
        rows[which] = others.rows
        for name, array in raw.items():
            array[which] = others.raw[name]
        return Moments(rows, raw)

    def of(self, which: NDArray[Any]) -> Moments:
        """Those in the places `which`: a mask, or indices."""
        return Moments(self.rows[which], {name: array[which] for name, array in self.raw.items()})

    def problems(self) -> list[str | None]:
        """What is wrong with each; None where all of its numbers are numbers."""
        problems: list[str | None] = [None] * len(self.rows)
        for name, array in (("its observation", self.rows), *self.raw.items()):
            if array.size and array.max() < LARGEST_NUMBER and array.min() > -LARGEST_NUMBER:
                continue  # as nearly always; false of NaN
            wrong = ~(np.abs(array.reshape(len(array), -1)) < LARGEST_NUMBER)
            for place in np.flatnonzero(wrong.any(axis=1)).tolist():
                problems[place] = f"{name} is not finite (entries {np.flatnonzero(wrong[place]).tolist()[:10]})"
        return problems


@dataclass(frozen=True)
class Stepped:
    """What one step of N environments gave."""

    places: list[int]  # that could be read
    seen: Moments | None  # of these
    terminated: Bool[np.ndarray, " N"]
    truncated: Bool[np.ndarray, " N"]
    failures: list[str | None]  # why each failed


class Copies:
    """N copies of one environment.

    Args:
        reference: pinned.
        envs: copies, made from it, at least N; one that fails is replaced there.
        layout: how they are read.
        count: N, the first of them.
    """

    def __init__(self, reference: Reference, envs: list[Any], layout: Layout, count: int) -> None:
        self.reference, self._envs, self.layout, self._count = reference, envs, layout, count

    def reset(self, places: Int[np.ndarray, " n"], seeds: Int[np.ndarray, " n"]) -> Moments:
        """New episodes in some of them.

        Raises:
            EnvironmentFailedError: one raises, or shows what is no observation.
        """
        observations, infos = [], []
        with quiet(), said(f"{self.reference.id}: reset() raised"):
            for place, seed in zip(places.tolist(), seeds.tolist(), strict=True):
                answer = self._envs[place].reset(seed=seed)
                if not (isinstance(answer, tuple) and len(answer) == 2):
                    raise TypeError(f"it returned {type(answer).__name__}, expected (observation, info)")
                observations.append(answer[0])
                infos.append(answer[1])
            moments = self._read(places.tolist(), observations, infos, np.zeros(len(places)))
        problems = moments.problems()
        if any(problems):
            raise EnvironmentFailedError(f"{self.reference.id}: after reset() {next(filter(None, problems))}.", MEND)
        return moments

    def step(self, actions: Num[np.ndarray, "N A"]) -> Stepped:
        """One step of each; one whose code raises is made anew, and has failed."""
        count = self._count
        seen: list[Any] = [None] * count
        failures: list[str | None] = [None] * count
        ended = np.zeros((2, count), bool)
        with quiet():
            for place, action in enumerate(self.layout.actions.actions(actions)):
                try:
                    observation, reward, terminated, truncated, info = self._envs[place].step(action)
                    seen[place] = observation, info, _scalar(reward)
                    ended[:, place] = terminated, truncated
                except Exception as error:
                    failures[place] = failed("step() raised", error).message
            sound = [place for place in range(count) if seen[place] is not None]
            with said(f"{self.reference.id}: what step() returned cannot be read"):
                read = (
                    self._read(sound, *map(list, zip(*[seen[place] for place in sound], strict=True)))
                    if sound
                    else None
                )
        for place, problem in zip(sound, read.problems() if read else (), strict=True):
            failures[place] = problem
        for place in set(range(count)) - set(sound):
            self._remake(place)
        return Stepped(sound, read, ended[0], ended[1], failures)

    def advance(self, actions: Num[np.ndarray, "N A"]) -> Bool[np.ndarray, " N"]:
        """One step of each, of which nothing is read but whose episode is over: what its own code costs.

        Raises:
            EnvironmentFailedError: one raises.
        """
        given = self.layout.actions.actions(actions)
        with quiet(), said(f"{self.reference.id}: step() raised"):
            ended = [env.step(action)[2:4] for env, action in zip(self._envs, given, strict=False)]
        return np.array([terminated or truncated for terminated, truncated in ended], bool)

    def _read(self, places: list[int], observations: Any, infos: Any, rewards: Any) -> Moments:
        rows = self.layout.observation.rows(observations)
        return Moments(rows, self.layout.raw([self._envs[place] for place in places], observations, infos, rewards))

    def _remake(self, place: int) -> None:
        """Another copy for one whose code has raised: nobody knows what state it is in."""
        with contextlib.suppress(Exception):
            self._envs[place].close()
        self._envs[place] = make(self.reference)


@dataclass(frozen=True)
class FirstCopy:
    """The copy of an environment that is made first, and how long it took to make."""

    env: Any
    make_seconds: float

    @classmethod
    def of(cls, reference: Reference) -> FirstCopy:
        """Make one.

        Raises:
            UsageError, EnvironmentFailedError: see `make`.
        """
        began = time.monotonic()
        env = make(reference)
        return cls(env, time.monotonic() - began)


class CopiesMade:
    """The copies of an environment that this process has made: one after the other uses them.

    Args:
        reference: pinned.
        first: a copy that was made already; None: none.
    """

    def __init__(self, reference: Reference, first: FirstCopy | None = None) -> None:
        first = first or FirstCopy.of(reference)
        self._reference, self._envs, self.make_seconds = reference, [first.env], first.make_seconds
        self.layout = Layout(reference, first.env)

    def time_step(self) -> float:
        """How long one step of one copy takes [s]."""
        copy, (action,) = self.take(1), draw_actions(np.random.default_rng(0), self.layout.actions.range, 1)
        copy.reset(np.zeros(1, int), np.zeros(1, int))
        times: list[float] = []
        while len(times) < TIMED_STEPS and sum(times) < LONGEST_TIMING:
            began = time.perf_counter()
            copy.step(action[None])
            times.append(time.perf_counter() - began)
        return float(np.median(times))

    def how(self, count: int) -> str:
        """See Made."""
        return "in the trainer's process, one copy after the other"

    def take(self, count: int) -> Copies:
        """Copies to use until somebody else takes some; each begins with `reset`."""
        while len(self._envs) < count:
            self._envs.append(make(self._reference))
        return Copies(self._reference, self._envs, self.layout, count)

    def close(self) -> None:
        """Close all."""
        for env in self._envs:
            with contextlib.suppress(Exception):
                env.close()


@runtime_checkable
class SomeCopies(Protocol):
    """N copies of an environment, however they are stepped."""

    layout: Layout

    def reset(self, places: Int[np.ndarray, " n"], seeds: Int[np.ndarray, " n"]) -> Moments:
        """New episodes in the copies `places`, each with its seed."""
        ...

    def step(self, actions: Num[np.ndarray, "N A"]) -> Stepped:
        """One step of each."""
        ...

    def advance(self, actions: Num[np.ndarray, "N A"]) -> Bool[np.ndarray, " N"]:
        """One step of each, of which nothing is read but whose episode is over: what its own code costs."""
        ...


@runtime_checkable
class Made(Protocol):
    """What makes copies of an environment."""

    layout: Layout
    make_seconds: float  # [s] that a copy takes to make

    def how(self, count: int) -> str:
        """How so many copies are stepped, in words."""
        ...

    def take(self, count: int) -> SomeCopies:
        """Copies to use until somebody else takes some; each begins with `reset`."""
        ...

    def close(self) -> None:
        """End what steps them."""
        ...


class StillCopies:
    """Copies in which nothing moves: every step shows the first state of one. For a preparation, where shapes matter.

    Args:
        made: of the environment.
    """

    def __init__(self, made: Made) -> None:
        self._made, self.layout, self.make_seconds = made, made.layout, made.make_seconds

    def how(self, count: int) -> str:
        """See Made."""
        return "not at all"

    def take(self, count: int) -> Still:
        """See CopiesMade."""
        first = self._made.take(1).reset(np.zeros(1, int), np.zeros(1, int))
        return Still(self.layout, first, count)

    def close(self) -> None:
        """See Made: they are somebody else's."""


class Still:
    """N copies that stand still; see StillCopies."""

    def __init__(self, layout: Layout, first: Moments, count: int) -> None:
        self.layout, self._first, self._count = layout, first, count

    def reset(self, places: Int[np.ndarray, " n"], seeds: Int[np.ndarray, " n"]) -> Moments:
        """See Copies."""
        return self._first.of(np.zeros(len(places), int))

    def step(self, actions: Num[np.ndarray, "N A"]) -> Stepped:
        """See Copies."""
        everyone, never = list(range(self._count)), np.zeros(self._count, bool)
        return Stepped(everyone, self.reset(np.arange(self._count), never), never, never, [None] * self._count)

    def advance(self, actions: Num[np.ndarray, "N A"]) -> Bool[np.ndarray, " N"]:
        """See SomeCopies."""
        return np.zeros(self._count, bool)


def _scalar(reward: Any) -> float:
    """The environment's own reward; of a vector of rewards the sum. Only a metric reads it."""
    return float(reward) if isinstance(reward, float | int) else float(np.asarray(reward, np.float64).sum())
