"""Observations of any space as numbers, and what a policy draws as actions of any space.

What a policy sees is the observation as one row of float32: the parts of a Dict or Tuple one after the other, a
Discrete part as one-hot. Of a choice among n actions a policy draws one-hot rows of n too, and a reward reads them as
`action[..., k]`: 1 where action k was taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from autoreward.environment.declarations import ActionRange
from autoreward.environment.foreign.facts import ObservationPart
from autoreward.errors import EnvironmentFailedError

IMAGE_NUMBERS = 1024  # a box of bytes with two axes or more and as many numbers is an image
TEXTS = ("mission",)  # parts of an observation that are texts, also where a batch codes them as bytes
MOST_NUMBERS = 4096  # of an observation
NO_IMAGES = (
    "Policies here see numbers: take a variant with them (obs_type=ram, a state wrapper), "
    "or return them from a class of your own: --env module:Class."
)


@dataclass(frozen=True)
class Leaf:
    """One part of an observation."""

    path: tuple[Any, ...]  # keys and places that lead to it
    space: Any
    start: int  # in the row
    size: int

    @property
    def name(self) -> str:
        """Its keys as an identifier; "" where the observation is this part alone."""
        return identifier("_".join(str(key) for key in self.path)) if self.path else ""

    def numbers(self, observation: Any) -> NDArray[Any]:
        """Its numbers [size] in an observation."""
        for key in self.path:
            observation = observation[key]
        return _numbers(self.space, observation)


def identifier(text: str) -> str:
    """A text as a name that a program can read."""
    word = re.sub(r"\W+", "_", text).strip("_").lower()
    return f"n_{word}" if word[:1].isdigit() else word


class ObservationSpace:
    """How observations of a space become rows.

    Args:
        who: the environment, for messages.
        space: its observation space.

    Raises:
        EnvironmentFailedError: an observation is an image, a text alone, or of no fixed size.
    """

    def __init__(self, who: str, space: Any) -> None:
        self.leaves: list[Leaf] = []
        self.left_out: list[str] = []  # parts that are no numbers: texts
        self._who, self.size = who, 0
        self._collect(space, ())
        if not self.leaves or self.size > MOST_NUMBERS:
            seen = f"{self.size} numbers" if self.leaves else f"{space}, which has no numbers"
            raise EnvironmentFailedError(
                f"{who}: its observation is {seen}, expected 1 to {MOST_NUMBERS} numbers.", NO_IMAGES
            )

    @property
    def parts(self) -> tuple[ObservationPart, ...]:
        """The same as plain data, for exports."""
        return tuple(
            ObservationPart(
                path=leaf.path,
                shape=tuple(leaf.space.shape),
                choices=_choices_of(leaf.space),
                first=_first_of(leaf.space),
            )
            for leaf in self.leaves
        )

    def rows(self, observations: Sequence[Any]) -> NDArray[np.float32]:
        """Observations as rows [n, O].

        Raises:
            ValueError: one is of another size than the space says.
        """
        (first, *others) = self.leaves
        if not others and not first.path and isinstance(first.space, spaces.Box):
            rows = np.array(observations, np.float32).reshape(len(observations), -1)
        else:
            rows = np.array([np.concatenate([leaf.numbers(one) for leaf in self.leaves]) for one in observations])
        if rows.shape[1:] != (self.size,):
            raise ValueError(f"its observation has {rows.size} numbers, and its observation_space {self.size}")
        return np.asarray(rows, np.float32)

    def batch_rows(self, observation: Any) -> NDArray[np.float32]:
        """Rows [n, O] of a batch, which has the axis of the batch in each of its parts."""
        columns = []
        for leaf in self.leaves:
            part = observation
            for key in leaf.path:
                part = part[key]
            if isinstance(leaf.space, spaces.Discrete | spaces.MultiDiscrete):
                columns.append(np.stack([_numbers(leaf.space, one) for one in part]))
            else:
                columns.append(np.asarray(part, np.float32).reshape(len(part), -1))
        rows = np.concatenate(columns, axis=1)
        if rows.shape[1:] != (self.size,):
            raise ValueError(f"its observation has {rows.shape[1]} numbers, and its observation_space {self.size}")
        return np.asarray(rows, np.float32)

    def _collect(self, space: Any, path: tuple[Any, ...]) -> None:
        if isinstance(space, spaces.Dict):
            for key, part in space.spaces.items():
                self._collect(part, (*path, key))
        elif isinstance(space, spaces.Tuple):
            for place, part in enumerate(space.spaces):
                self._collect(part, (*path, place))
        elif isinstance(space, spaces.Text) or (path and path[-1] in TEXTS):
            self.left_out.append("_".join(str(key) for key in path) or "observation")
        elif isinstance(space, spaces.Box) and space.dtype == np.uint8 and is_image(space.shape):
            raise EnvironmentFailedError(
                f"{self._who}: its observation{_called(path)} is an image, {' x '.join(map(str, space.shape))} bytes.",
                NO_IMAGES,
            )
        elif isinstance(space, spaces.Box | spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary):
            size = _size(space)
            self.leaves.append(Leaf(path, space, self.size, size))
            self.size += size
        elif hasattr(space, "spaces") or not isinstance(space, spaces.Space) or space.shape is None:
            raise EnvironmentFailedError(
                f"{self._who}: its observation{_called(path)} is a {type(space).__name__}, "
                "expected Box, Discrete, MultiDiscrete, MultiBinary, and Dict or Tuple of these.",
                "Wrap it: --env module:function may return a gymnasium.ObservationWrapper around it.",
            )
        else:
            self.left_out.append("_".join(str(key) for key in path) or type(space).__name__)  # a text of its own kind


def is_image(shape: tuple[int, ...]) -> bool:
    """Whether a box of bytes of this shape is a picture."""
    return len(shape) >= 2 and math.prod(shape) >= IMAGE_NUMBERS


def _called(path: tuple[Any, ...]) -> str:
    return f" {path[-1]!r}" if path else ""


def _size(space: Any) -> int:
    if isinstance(space, spaces.Discrete):
        return int(space.n)
    if isinstance(space, spaces.MultiDiscrete):
        return int(space.nvec.sum())
    return int(math.prod(space.shape))


def _numbers(space: Any, value: Any) -> NDArray[Any]:
    if isinstance(space, spaces.Discrete):
        return _one_hot(int(space.n), int(value) - int(space.start))
    if isinstance(space, spaces.MultiDiscrete):
        codes = (np.asarray(value) - space.start).ravel()
        sizes = space.nvec.ravel()
        return np.concatenate([_one_hot(int(size), int(code)) for size, code in zip(sizes, codes, strict=True)])
    return np.asarray(value, np.float64).ravel()


def _one_hot(size: int, code: int) -> NDArray[Any]:
    row = np.zeros(size)
    row[code] = 1.0
    return row


# --- Actions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActionSpace:
    """How what a policy draws becomes an action.

    Attributes:
        range: what it draws: numbers in a range, or one-hot rows.
    """

    space: Any
    range: ActionRange

    def batch(self, rows: NDArray[Any]) -> NDArray[Any]:
        """The actions of rows [n, A], in one array [n, ...]."""
        space = self.space
        if isinstance(space, spaces.Box):
            return rows.reshape(-1, *space.shape).astype(space.dtype)
        codes = np.stack([part.argmax(axis=-1) for part in self._parts(rows)], axis=-1)
        if isinstance(space, spaces.Discrete):
            return codes[:, 0] + int(space.start)
        if isinstance(space, spaces.MultiBinary):
            return codes.reshape(-1, *space.shape).astype(space.dtype)
        actions: NDArray[Any] = (codes.reshape(-1, *space.nvec.shape) + space.start).astype(space.dtype)
        return actions

    def actions(self, rows: NDArray[Any]) -> list[Any]:
        """The actions of rows [n, A], each as one environment takes it."""
        actions = self.batch(rows)
        return actions.tolist() if isinstance(self.space, spaces.Discrete) else list(actions)

    @property
    def kind(self) -> Literal["box", "discrete", "multi_discrete", "multi_binary"]:
        """What is chosen from."""
        if isinstance(self.space, spaces.Discrete):
            return "discrete"
        if isinstance(self.space, spaces.MultiDiscrete):
            return "multi_discrete"
        return "multi_binary" if isinstance(self.space, spaces.MultiBinary) else "box"

    @property
    def first(self) -> tuple[int, ...]:
        """The code of the first choice of each part."""
        return _first_of(self.space)

    def _parts(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        start = 0
        for size in self.range.choices:
            yield rows[:, start : start + size]
            start += size


def action_space(who: str, space: Any) -> ActionSpace:
    """How a policy acts in a space.

    Raises:
        EnvironmentFailedError: it is none that a policy here can act in.
    """
    if isinstance(space, spaces.Box) and space.shape and _size(space):
        low, high = (np.asarray(bound, np.float32).ravel() for bound in (space.low, space.high))
        return ActionSpace(space, ActionRange(low, high))
    choices = _choices(space)
    if not choices:
        raise EnvironmentFailedError(
            f"{who}: its action is {space}, expected Box, Discrete, MultiDiscrete or MultiBinary.",
            "Wrap it: --env module:function may return a gymnasium.ActionWrapper around it.",
        )
    zeros = np.zeros(sum(choices), np.float32)
    return ActionSpace(space, ActionRange(zeros, zeros + 1.0, choices))


def _choices_of(space: Any) -> tuple[int, ...]:
    """Sizes of the one-hot rows of a part of an observation; a row of bits is numbers."""
    return () if isinstance(space, spaces.MultiBinary) else _choices(space)


def _first_of(space: Any) -> tuple[int, ...]:
    if isinstance(space, spaces.Discrete):
        return (int(space.start),)
    if isinstance(space, spaces.MultiDiscrete):
        return tuple(int(code) for code in np.asarray(space.start).ravel())
    return (0,) * len(_choices(space))


def _choices(space: Any) -> tuple[int, ...]:
    if isinstance(space, spaces.Discrete):
        return (int(space.n),)
    if isinstance(space, spaces.MultiDiscrete):
        return tuple(int(size) for size in space.nvec.ravel())
    if isinstance(space, spaces.MultiBinary):
        return (2,) * _size(space)
    return ()
