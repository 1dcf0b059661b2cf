"""From pairs as they were written to pairs that can be paid: played, found, and compared with the success metric."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.critic.expression import metric_from_expression
from autoreward.critic.metric_drafts import order_of_pairs
from autoreward.critic.metrics import check_metric
from autoreward.critic.properties import MeaningTests, transitions_of
from autoreward.environment.pack import Pack
from autoreward.environment.sides import coordinates, play_sides, steps_of
from autoreward.environment.undirected import UndirectedEpisodes, undirected_episodes
from autoreward.errors import UnknownNameError, UsageError
from autoreward.records import CompiledMetric, EnvSpec, Property, PropertyVerdict, Side, Transitions
from autoreward.reward.sandbox.sandbox import Sandbox

WINDOWS = 600  # parts of episodes in which a side is looked for, at most
WHOLE_ENOUGH = 0.5  # share of its length that a part must have before its episode ends

Scores = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Stage:
    """Where pairs are played."""

    pack: Pack
    env: EnvSpec
    sandbox: Sandbox
    metric: CompiledMetric | None = None  # None: there is none to compare them with


def prepare_tests(pairs: Sequence[Property], stage: Stage) -> tuple[tuple[PropertyVerdict, ...], MeaningTests | None]:
    """What becomes of each pair, and those that are kept, ready to test rewards.

    A pair is dropped where it cannot be played, where nothing tells its sides apart, where an earlier one is the same,
    and where the metric puts its worse side first.

    Returns:
        No tests where no pair is kept.
    """
    usable, verdicts = _played(pairs, stage)
    if not usable:
        return tuple(verdicts.values()), None
    sides = [side for number in usable for side in usable[number]]
    scores = _measured(sides, stage)
    places = order_of_pairs(*scores) if scores is not None else None
    for index, number in enumerate(usable):
        verdicts[number] = _compared(pairs[number], index, places)
    kept = [index for index, number in enumerate(usable) if verdicts[number].status == "kept"]
    ordered = tuple(verdicts[number] for number in range(len(pairs)))
    if not kept:
        return ordered, None
    chosen = [side for index in kept for side in (2 * index, 2 * index + 1)]
    progress = scores[1][chosen] if scores is not None else np.zeros(len(chosen))
    return ordered, _tests([one for one in ordered if one.status == "kept"], [sides[i] for i in chosen], progress)


def _compared(pair: Property, index: int, places: NDArray[Any] | None) -> PropertyVerdict:
    if places is None:
        return PropertyVerdict(pair=pair, status="kept")
    better, worse = places[2 * index], places[2 * index + 1]
    if better < worse:
        reason = f'the metric puts "{pair.worse.words}" before "{pair.better.words}"'
        return PropertyVerdict(pair=pair, status="dropped", reason=reason, metric="worse")
    return PropertyVerdict(pair=pair, status="kept", metric="better" if better > worse else "equal")


def _tests(verdicts: Sequence[PropertyVerdict], sides: Sequence[Transitions], progress: NDArray[Any]) -> MeaningTests:
    lengths = [len(side.action) for side in sides]
    side = np.repeat(np.arange(len(sides)), lengths)
    last = np.zeros(len(side), bool)
    last[np.cumsum(lengths) - 1] = True
    return MeaningTests(tuple(verdicts), transitions_of(sides), side, last, np.asarray(progress, np.float64))


# --- Playing and finding ----------------------------------------------------------------------------------


def _played(
    pairs: Sequence[Property], stage: Stage
) -> tuple[dict[int, tuple[Transitions, Transitions]], dict[int, PropertyVerdict]]:
    """The sides of each pair that can be had, by its number, and the verdict on each of the others."""
    known = {one.name for one in coordinates(stage.pack)}
    found: dict[tuple[int, int], Transitions] = {}
    verdicts: dict[int, PropertyVerdict] = {}
    finder = _Finder(stage)
    for number, pair in enumerate(pairs):
        for which, side in enumerate((pair.better, pair.worse)):
            try:
                _check_names(side, known, stage.env)
                if side.find:
                    found[number, which] = finder.find(side)
            except (UsageError, UnknownNameError) as error:
                reason = f'"{side.words}": {error.message} {error.remedy}'.strip().rstrip(".")
                verdicts[number] = PropertyVerdict(pair=pair, status="dropped", reason=reason)
    placed = [
        (number, which, side)
        for number, pair in enumerate(pairs)
        for which, side in enumerate((pair.better, pair.worse))
        if number not in verdicts and not side.find
    ]
    rows = _rows_of(stage.pack, [side for _, _, side in placed])
    found |= {(number, which): one for (number, which, _), one in zip(placed, rows, strict=True)}
    seen: dict[tuple[str, str], Property] = {}
    for number in [number for number in range(len(pairs)) if number not in verdicts]:
        pair, both = pairs[number], (_digest(found[number, 0]), _digest(found[number, 1]))
        if reason := _of_no_use(pair, both, seen.setdefault(both, pair)):
            verdicts[number] = PropertyVerdict(pair=pair, status="dropped", reason=reason)
    usable = [number for number in range(len(pairs)) if number not in verdicts]
    return {number: (found[number, 0], found[number, 1]) for number in usable}, verdicts


def _of_no_use(pair: Property, both: tuple[str, str], first: Property) -> str:
    """Why a pair tells nothing that an earlier one does not; "" where it tells something.

    Args:
        both: digests of its sides.
        first: the first pair with these sides.
    """
    if both[0] == both[1]:
        return f'"{pair.better.words}" and "{pair.worse.words}" are the same movement'
    same = f'it is the same as "{first.better.words}" over "{first.worse.words}"'
    return same if first is not pair else ""


def _digest(side: Transitions) -> str:
    arrays = (*side.state.values(), side.action, *side.next_state.values())
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def _check_names(side: Side, known: set[str], env: EnvSpec) -> None:
    for name in (*side.pose, *side.speed):
        if name not in known:
            raise UnknownNameError("coordinate", name, known)
    if isinstance(side.action, tuple) and len(side.action) != env.action_size:
        raise UsageError(f"action has {len(side.action)} numbers, expected one or {env.action_size}.")


def _rows_of(pack: Pack, sides: Sequence[Side]) -> list[Transitions]:
    """The steps of each side, up to its end."""
    if not sides:
        return []
    played = play_sides(pack, sides)

    def rows(number: int, arrays: Mapping[str, NDArray[Any]], length: int) -> dict[str, NDArray[Any]]:
        return {name: array[:length, number] for name, array in arrays.items()}

    lengths = played.valid.sum(axis=0).astype(int)
    return [
        Transitions(
            rows(number, played.state, length), played.action[:length, number], rows(number, played.next_state, length)
        )
        for number, length in enumerate(lengths)
    ]


class _Finder:
    """Looks for sides in the episodes that nobody designed; they are simulated with the first one."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._episodes: UndirectedEpisodes | None = None

    def find(self, side: Side) -> Transitions:
        """The steps of the part in which the expression is greatest.

        Raises:
            UsageError: the expression cannot be used, or no episode lasts so long.
        """
        stage = self._stage
        steps = steps_of(side, stage.env.control_period, stage.env.horizon)
        compiled = check_metric(metric_from_expression(side.find, stage.env), stage.env, steps, stage.sandbox)
        if self._episodes is None:
            self._episodes = undirected_episodes(stage.pack)
        parts = self._parts(steps)
        if not len(parts):
            raise UsageError(f"no episode that nobody designed lasts {side.seconds:g} s.", "Place it by coordinates.")
        place = self._best(compiled, parts, steps)
        return self._cut(place[0], place[1], steps)

    def _parts(self, steps: int) -> NDArray[Any]:
        """Where parts begin: [W, 2] of step and episode; the state before a step is that after the one before it."""
        assert self._episodes is not None
        valid = self._episodes.valid
        starts = np.arange(1, max(2, len(valid) - steps + 1), max(1, steps // 2))
        lasts = np.minimum(starts + max(1, round(WHOLE_ENOUGH * steps)) - 1, len(valid) - 1)
        parts = np.argwhere(valid[lasts] > 0)
        parts[:, 0] = starts[parts[:, 0]]
        few: NDArray[Any] = parts[np.linspace(0, len(parts) - 1, min(len(parts), WINDOWS)).round().astype(int)]
        return few

    def _best(self, compiled: CompiledMetric, parts: NDArray[Any], steps: int) -> tuple[int, int]:
        assert self._episodes is not None
        episodes = self._episodes
        times = np.minimum(parts[:, 0] + np.arange(steps)[:, None], len(episodes.valid) - 1)  # [T, W]
        names = [name for name in compiled.inputs if name != "valid"]
        batch = {name: episodes.fields[name][times, parts[:, 1]] for name in names}
        probed = self._stage.sandbox.probe(
            compiled.program, [batch | {"valid": episodes.valid[times, parts[:, 1]].astype(np.float32)}]
        )
        if probed.failure is not None:
            raise UsageError(f"the expression does not run: {probed.failure.message}.")
        step, episode = parts[int(np.argmax(probed.outputs[0]["success"]))]
        return int(step), int(episode)

    def _cut(self, step: int, episode: int, steps: int) -> Transitions:
        assert self._episodes is not None
        fields, valid = self._episodes.fields, self._episodes.valid
        after = slice(step, step + int(valid[step : step + steps, episode].sum()))
        before = slice(after.start - 1, after.stop - 1)
        names = [name for name in fields if name != "action"]
        return Transitions(
            state={name: fields[name][before, episode] for name in names if name != "terminated"},
            action=fields["action"][after, episode],
            next_state={name: fields[name][after, episode] for name in names},
        )


# --- The metric -------------------------------------------------------------------------------------------


def _measured(sides: Sequence[Transitions], stage: Stage) -> Scores | None:
    """Success and progress [S] of each side, as an episode that ends with it; None where there is no metric."""
    metric = stage.metric
    if metric is None:
        return None

    def pad(array: NDArray[Any]) -> NDArray[Any]:
        return _padded(array, metric.horizon)

    batch = {"valid": np.stack([pad(np.ones(len(side.action), np.float32)) for side in sides], axis=1)}
    for name in metric.inputs:
        if name != "valid":
            arrays = [side.action if name == "action" else side.next_state[name] for side in sides]
            batch[name] = np.stack([pad(array) for array in arrays], axis=1)
    probed = stage.sandbox.probe(metric.program, [batch])
    if probed.failure is not None:
        raise UsageError(f"The metric does not run on the pairs: {probed.failure.message}.")
    return probed.outputs[0]["success"], probed.outputs[0]["progress"]


def _padded(array: NDArray[Any], horizon: int) -> NDArray[Any]:
    return np.pad(array[:horizon], [(0, max(0, horizon - len(array))), *[(0, 0)] * (array.ndim - 1)])
