"""What each term of a candidate does over the fields that it reads, evaluated with its compiled program.

The source is never run: the serialised program that the run keeps is called in a child of the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.errors import EnvironmentFailedError
from autoreward.export.term_pictures import Axis, TermShape
from autoreward.records import PARAMS_PREFIX, CompiledReward, EnvSpec
from autoreward.reward.sandbox.sandbox import Sandbox

Arrays = Mapping[str, NDArray[Any]]

STATES = 48  # recorded states at which everything else is held
SQUARE_STATES = 12  # the same in a picture over two fields
GRID, SQUARE_GRID = 101, 33  # values along a line, along each side of a square
READ = 1e-6  # of the largest effect: an entry that moves a term less is not read by it
SHOWN = 0.01  # percentiles of random motion that a range leaves out on either side
SPREAD = (10, 90)  # percentiles over the states
BEFORE, ACTION = "state", "action"
EARLIER = " before the step"  # ends the label of what is read from `state`
POTENTIAL = "potential"
FLAGS = frozenset({"terminated"})  # 0 or 1, whatever was seen


@dataclass(frozen=True)
class Entry:
    """One number that a program takes: `next_state.torso_velocity`, entry 0."""

    name: str
    index: int
    axis: Axis


@dataclass(frozen=True)
class Recorded:
    """Transitions in flat arrays `[N, ...]`: what was seen in all, and the states at which the rest is held."""

    seen: Arrays
    held: Arrays


def term_shapes(reward: CompiledReward, env: EnvSpec, recorded: Recorded, sandbox: Sandbox) -> list[TermShape]:
    """The shape of each term, and of the potential where there is one, in program order.

    A term that no entry moves has no axes.

    Raises:
        EnvironmentFailedError: the program fails on these numbers.
    """
    entries = list(_entries(reward, env, recorded))
    held = {name: recorded.held[name] for name in _inputs(reward)}
    effects = _effects(reward, entries, held, recorded, sandbox)  # [entries, K]
    names = [*reward.weights, *([POTENTIAL] if reward.has_potential else [])]
    chosen = [_most_moving(entries, effects[:, k]) for k in range(len(names))]
    lines = _evaluated(reward, [_line(held, top[:1]) for top in chosen], sandbox)
    squares = _evaluated(reward, [_square(held, top[:2]) for top in chosen], sandbox)
    return [
        _shape(name, k, reward.weights.get(name), top, lines[k][:, k], squares[k][:, k])
        for k, (name, top) in enumerate(zip(names, chosen, strict=True))
    ]


def _inputs(reward: CompiledReward) -> list[str]:
    return [name for name in reward.inputs if not name.startswith(PARAMS_PREFIX)]


def _entries(reward: CompiledReward, env: EnvSpec, recorded: Recorded) -> Iterator[Entry]:
    for name in _inputs(reward):
        seen, held = (_flat(arrays[name]) for arrays in (recorded.seen, recorded.held))
        for index in range(seen.shape[1]):
            yield Entry(name, index, _axis(name, index, env, seen[:, index], held[:, index]))


def _flat(array: NDArray[Any]) -> NDArray[Any]:
    """`[N, ...]` as `[N, E]`."""
    return array.reshape(len(array), -1)


def _axis(name: str, index: int, env: EnvSpec, seen: NDArray[Any], held: NDArray[Any]) -> Axis:
    owner, _, field_name = name.partition(".")
    field = env.field(field_name)
    if owner == ACTION:
        label, unit, meaning = f"action[{index}]", "1", env.action_meaning
    else:
        assert field is not None  # the critic refuses fields that do not exist
        part = _part(field.components, field.shape, index)
        label, unit, meaning = field_name + part, field.unit, field.meaning
    flag = field_name in FLAGS
    ends = (0.0, 1.0) if flag else _range(seen, held)
    return Axis(label + (EARLIER if owner == BEFORE else ""), unit, meaning, np.linspace(*ends, GRID), held, flag)


def _part(components: Sequence[str], shape: Sequence[int], index: int) -> str:
    if not shape:
        return ""
    return f".{components[index]}" if len(components) == shape[0] and len(shape) == 1 else f"[{index}]"


def _range(seen: NDArray[Any], held: NDArray[Any]) -> tuple[float, float]:
    """All of the recorded states, and random motion without its extremes."""
    low, high = np.quantile(seen, (SHOWN, 1.0 - SHOWN))
    low, high = min(float(low), float(held.min())), max(float(high), float(held.max()))
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _effects(
    reward: CompiledReward, entries: Sequence[Entry], held: Arrays, recorded: Recorded, sandbox: Sandbox
) -> NDArray[Any]:
    """How far each output moves on average where one entry takes other values that were seen `[entries, K]`."""
    batches = [dict(held)]
    for entry in entries:
        size = len(held[entry.name])
        # Values over the whole range, in an order that has nothing to do with the states.
        values = np.roll(np.linspace(entry.axis.grid[0], entry.axis.grid[-1], size), size // 3)
        batches.append(_with(held, {(entry.name, entry.index): values}))
    base, *changed = _evaluated(reward, batches, sandbox)
    if not changed:
        return np.zeros((0, base.shape[1]))
    return np.stack([np.abs(one - base).mean(axis=0) for one in changed])


def _most_moving(entries: Sequence[Entry], effects: NDArray[Any]) -> list[Entry]:
    """The entries that a term reads, the one that moves it most first."""
    limit = READ * float(effects.max(initial=0.0))
    order = sorted(range(len(entries)), key=lambda place: -effects[place])
    return [entries[place] for place in order if effects[place] > limit]


def _with(held: Arrays, values: Mapping[tuple[str, int], NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The states with other values `[N]` of some entries."""
    states = dict(held)
    for (name, index), column in values.items():
        array = _flat(states[name]).copy()
        array[:, index] = column
        states[name] = array.reshape(states[name].shape)
    return states


def _line(held: Arrays, top: Sequence[Entry]) -> dict[str, NDArray[Any]]:
    """Every state at every value of one entry, `[GRID * STATES]` rows; the states alone where there is none."""
    states = len(next(iter(held.values()), ()))
    rows = {name: np.concatenate([array] * GRID) for name, array in held.items()}
    return _with(rows, {(entry.name, entry.index): np.repeat(entry.axis.grid, states) for entry in top})


def _square(held: Arrays, top: Sequence[Entry]) -> dict[str, NDArray[Any]]:
    """Some states at every pair of values of two entries, `[SQUARE_GRID ** 2 * SQUARE_STATES]` rows."""
    few = {name: array[:: max(1, len(array) // SQUARE_STATES)][:SQUARE_STATES] for name, array in held.items()}
    states = len(next(iter(few.values()), ()))
    rows = {name: np.concatenate([array] * SQUARE_GRID**2) for name, array in few.items()}
    if len(top) < 2:
        return rows
    x, y = (np.linspace(entry.axis.grid[0], entry.axis.grid[-1], SQUARE_GRID) for entry in top)
    grid_y, grid_x = np.meshgrid(y, x, indexing="ij")
    pairs = zip(top, (grid_x, grid_y), strict=True)
    return _with(rows, {(entry.name, entry.index): np.repeat(grid.reshape(-1), states) for entry, grid in pairs})


def _evaluated(
    reward: CompiledReward, batches: Sequence[Mapping[str, NDArray[Any]]], sandbox: Sandbox
) -> list[NDArray[Any]]:
    """Unweighted terms of each batch, and Phi(s) as a last column where there is a potential `[N, K (+ 1)]`."""
    params = {f"{PARAMS_PREFIX}{name}": np.asarray(value, np.float32) for name, value in reward.params.items()}
    inputs = [{name: np.asarray(array, np.float32) for name, array in batch.items()} | params for batch in batches]
    reply = sandbox.probe(reward.program, inputs)
    if reply.failure is not None:
        raise EnvironmentFailedError(f"The compiled reward failed on recorded states: {reply.failure.message}")
    columns = []
    for outputs in reply.outputs:
        terms = np.asarray(outputs["terms"], np.float64)
        phi = [np.asarray(outputs["phi_state"], np.float64)[:, None]] if reward.has_potential else []
        columns.append(np.concatenate([terms, *phi], axis=1))
    return columns


def _shape(
    name: str, place: int, weight: float | None, top: Sequence[Entry], line: NDArray[Any], square: NDArray[Any]
) -> TermShape:
    factor = weight if weight else 1.0  # a term without weight is shown by its value
    along = factor * line.reshape(GRID, -1)
    low, high = np.nanpercentile(along, SPREAD, axis=1)
    over = factor * square.reshape(SQUARE_GRID, SQUARE_GRID, -1).mean(axis=2)
    axes = [entry.axis for entry in top]
    if weight is None:  # a potential reads one state alone
        axes = [replace(axis, label=axis.label.removesuffix(EARLIER)) for axis in axes]
    return TermShape(
        place=place,
        name=name,
        weight=weight,
        axes=tuple(axes),
        middle=np.nanmedian(along, axis=1),
        low=low,
        high=high,
        square=over if len(top) > 1 else None,
    )
