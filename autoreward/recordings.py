"""What the members of a population recorded: arrays with names, beside the records of a training.

    trainer -> (worker's pipe) -> run folder -> analyzer, exports, pictures, clips

A recording belongs to one member, by candidate and seed, and knows the names of the terms that its arrays have columns
for. Parts that were not recorded, or not read, are None or empty. On the pipe and on the disk a recording is flat:
arrays by "candidate/seed/name", see `flatten`; nothing else reads or makes such keys. There the slashes of a candidate
that is a file are written as %2F.

In the shapes I is rollouts, E training episodes, V evaluation episodes, K terms, L steps of one episode.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal
from urllib.parse import quote, unquote

import numpy as np
from jaxtyping import Float, Num
from numpy.typing import NDArray

from autoreward import wire

Label = Literal["best", "worst"]  # of the evaluation episodes of a candidate
LABELS: tuple[Label, ...] = ("best", "worst")
Arrays = Mapping[str, NDArray[Any]]
ArrayDict = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class TrainingCurves:
    """A member's training, a row for each rollout; NaN where no episode ended in it."""

    env_steps: Num[np.ndarray, " I"]  # of the member at the end of the rollout
    success: Float[np.ndarray, " I"]  # means over the training episodes that ended in the rollout
    progress: Float[np.ndarray, " I"]
    own_return: Float[np.ndarray, " I"]
    length: Float[np.ndarray, " I"]  # [steps]
    term_mean: Float[np.ndarray, "I K"]  # unweighted, over all steps of the rollout
    term_low: Float[np.ndarray, "I K"]
    term_high: Float[np.ndarray, "I K"]
    clipped: Float[np.ndarray, " I"]  # share of the rollout's rewards that were cut at REWARD_CLIP
    weights: Float[np.ndarray, "I K"]  # what the terms of the rollout were weighted with; NaN in older runs


@dataclass(frozen=True)
class TrainingEpisodes:
    """At most 2000 of a member's training episodes, spread evenly, in the order in which they ended."""

    env_steps: Num[np.ndarray, " E"]  # of the member at the end of the rollout in which the episode ended
    own_return: Float[np.ndarray, " E"]
    success: Float[np.ndarray, " E"]
    progress: Float[np.ndarray, " E"]
    length: Num[np.ndarray, " E"]  # [steps]
    terminated: Float[np.ndarray, " E"]  # 0 or 1
    term_sums: Float[np.ndarray, "E K"]  # of the unweighted terms over each episode


@dataclass(frozen=True)
class EvaluationEpisodes:
    """A member's evaluation episodes."""

    success: Float[np.ndarray, " V"]
    progress: Float[np.ndarray, " V"]
    length: Num[np.ndarray, " V"]  # [steps]


@dataclass(frozen=True)
class Trajectory:
    """One evaluation episode."""

    fields: Mapping[str, Num[np.ndarray, "L ..."]]  # of next_state
    action: Float[np.ndarray, "L A"] | None = None
    terms: Float[np.ndarray, "L K"] | None = None  # unweighted; None where progress is paid, at the end only
    part_progress: Float[np.ndarray, " P"] | None = None  # progress at the end of each of `episode_parts`


@dataclass(frozen=True)
class MemberRecording:
    """What one member recorded. A member that failed early may have recorded nothing."""

    candidate: str
    seed: int
    term_names: tuple[str, ...] = ()  # of the K columns of every array of terms
    curves: TrainingCurves | None = None
    episodes: TrainingEpisodes | None = None
    evaluation: EvaluationEpisodes | None = None
    # "best", "worst" of its candidate; "first", of the first seed: what people watch
    trajectories: Mapping[str, Trajectory] = field(default_factory=dict)
    clips: Mapping[str, Num[np.ndarray, "L Q"]] = field(default_factory=dict)  # qpos: "first", "best", "worst"
    policy: Mapping[str, NDArray[Any]] = field(default_factory=dict)  # weights_0, observation_mean, ...
    combination: Mapping[str, NDArray[Any]] = field(default_factory=dict)  # what was learned of how terms combine
    paths: Mapping[str, Num[np.ndarray, "V M ..."]] = field(default_factory=dict)  # small fields of next_state at
    # `path_steps` of each evaluation episode


Recordings = tuple[MemberRecording, ...]  # of one candidate, or of a population
TermNames = Mapping[str, Sequence[str]]  # by candidate

# The name of each array in a flat recording, by the attribute of its part; those of run folders, so they stay.
_CURVES = {"env_steps": "steps"}
_EPISODES = {"env_steps": "step", "own_return": "own", "term_sums": "terms"}
_TERM_NAMES = "/term_names"
PARTS = 10  # of an episode
PATH = 50  # points of an evaluation episode's path
TERM_ARRAYS = frozenset({"term_mean", "term_low", "term_high", "episodes_terms", "weights"})


def episode_parts(length: int) -> list[Num[np.ndarray, " n"]]:
    """The steps of an episode in ten parts, as equal as they can be; as many as steps where it is shorter."""
    return np.array_split(np.arange(length), min(PARTS, length))


def path_steps(length: int) -> Num[np.ndarray, " M"]:
    """The steps of an episode at which its path is recorded: spread evenly, the last one among them."""
    return np.linspace(0, length - 1, PATH).round().astype(int)


def transitions_of(trajectory: Trajectory) -> ArrayDict:
    """The transitions of an episode in flat arrays `[L - 1]` (state.x, action, next_state.x).

    The state of a step is the next_state of the one before it, so the first step has none.
    """
    assert trajectory.action is not None  # recorded beside the fields
    flat = {f"next_state.{name}": array[1:] for name, array in trajectory.fields.items()}
    flat |= {f"state.{name}": array[:-1] for name, array in trajectory.fields.items() if name != "terminated"}
    return flat | {"action": trajectory.action[1:]}


def flatten(recordings: Iterable[MemberRecording]) -> ArrayDict:
    """The arrays of recordings by "candidate/seed/name"; the names of terms stay behind, see `term_names_of`."""
    flat: ArrayDict = {}
    for one in recordings:
        flat |= {
            f"{quote(one.candidate, safe='')}/{one.seed}/{name}": array for name, array in _flatten_member(one).items()
        }
    return flat


def term_names_of(recordings: Iterable[MemberRecording]) -> dict[str, tuple[str, ...]]:
    """The names of the columns of terms, by candidate."""
    return {one.candidate: one.term_names for one in recordings}


def unflatten(arrays: Arrays, term_names: TermNames) -> Recordings:
    """The recordings of `flatten`, in the order in which they first appear.

    Args:
        arrays: by "candidate/seed/name"; any parts of a recording.
        term_names: of the columns of terms, by candidate; of one that is missing there is none.
    """
    members: dict[tuple[str, int], ArrayDict] = {}
    for key, array in arrays.items():
        candidate, seed, name = key.split("/", 2)
        members.setdefault((unquote(candidate), int(seed)), {})[name] = array
    return tuple(
        _unflatten_member(candidate, seed, tuple(term_names.get(candidate, ())), named)
        for (candidate, seed), named in members.items()
    )


def pack_recordings(recordings: Recordings) -> tuple[dict[str, tuple[str, ...]], dict[str, bytes]]:
    """Recordings for the worker's pipe: the names of the columns of terms by candidate, and the arrays as parts."""
    return term_names_of(recordings), wire.pack_arrays(flatten(recordings))


def unpack_recordings(term_names: TermNames, parts: Mapping[str, bytes]) -> Recordings:
    """The recordings of `pack_recordings`.

    Raises:
        WireError: a part is no array.
    """
    return unflatten(wire.unpack_arrays(parts), term_names)


def to_file(recordings: Recordings) -> ArrayDict:
    """Recordings as the arrays of a file, the names of the columns of terms by "candidate/term_names" among them.

    Empty where nothing was recorded.
    """
    arrays = flatten(recordings)
    if arrays:
        names = {name: np.asarray(terms) for name, terms in term_names_of(recordings).items() if terms}
        arrays |= {name + _TERM_NAMES: terms for name, terms in names.items()}
    return arrays


def from_file(arrays: Arrays, candidate: str, term_names: Sequence[str]) -> Recordings:
    """The recordings of one candidate in the arrays of `to_file`.

    Args:
        term_names: of its program, in order: those of a file of an older version, which has none.

    Raises:
        ValueError, IndexError: these are no arrays of recordings.
    """
    named = arrays.get(candidate + _TERM_NAMES)
    rest = {name: array for name, array in arrays.items() if name != candidate + _TERM_NAMES}
    return unflatten(rest, {candidate: term_names if named is None else named.tolist()})


def order_terms(recording: MemberRecording, names: Sequence[str]) -> MemberRecording:
    """The same recording with the columns of its terms in the order of `names`, without the costs of requirements.

    Raises:
        ValueError: these are not the terms that were recorded.
    """
    if recording.term_names == tuple(names):
        return recording
    if sorted(recording.term_names[: len(names)]) != sorted(names):  # costs stand behind the terms
        raise ValueError(
            f"{recording.candidate}, seed {recording.seed}: terms {sorted(recording.term_names)} were recorded, "
            f"expected {sorted(names)}."
        )
    columns = [recording.term_names.index(name) for name in names]
    flat = _flatten_member(recording)
    flat |= {name: array[:, columns] for name, array in flat.items() if _is_of_terms(name) and array.shape[1]}
    return _unflatten_member(recording.candidate, recording.seed, tuple(names), flat)


def _is_of_terms(name: str) -> bool:
    """Whether the columns of an array of a flat recording stand for the terms."""
    return name in TERM_ARRAYS or (name.startswith("trajectory/") and name.endswith("/terms"))


def _flatten_member(recording: MemberRecording) -> ArrayDict:
    flat = _flatten_part(recording.curves, "", _CURVES)
    flat |= _flatten_part(recording.episodes, "episodes_", _EPISODES)
    flat |= _flatten_part(recording.evaluation, "evaluation_", {})
    for label, trajectory in recording.trajectories.items():
        named = {**trajectory.fields, "action": trajectory.action, "terms": trajectory.terms}
        named["part_progress"] = trajectory.part_progress
        flat |= {f"trajectory/{label}/{name}": array for name, array in named.items() if array is not None}
    flat |= {f"clip/{label}": array for label, array in recording.clips.items()}
    flat |= {f"path/{name}": array for name, array in recording.paths.items()}
    flat |= {f"combination/{name}": array for name, array in recording.combination.items()}
    return flat | {f"policy/{name}": array for name, array in recording.policy.items()}


def _flatten_part(part: Any, prefix: str, names: Mapping[str, str]) -> ArrayDict:
    if part is None:
        return {}
    return {prefix + names.get(one.name, one.name): getattr(part, one.name) for one in fields(part)}


def _unflatten_member(candidate: str, seed: int, term_names: tuple[str, ...], flat: Arrays) -> MemberRecording:
    labels = dict.fromkeys(name.split("/")[1] for name in flat if name.startswith("trajectory/"))
    return MemberRecording(
        candidate=candidate,
        seed=seed,
        term_names=term_names,
        curves=_unflatten_part(TrainingCurves, flat, "", _CURVES),
        episodes=_unflatten_part(TrainingEpisodes, flat, "episodes_", _EPISODES),
        evaluation=_unflatten_part(EvaluationEpisodes, flat, "evaluation_", {}),
        trajectories={label: _unflatten_trajectory(_with_prefix(flat, f"trajectory/{label}/")) for label in labels},
        clips=_with_prefix(flat, "clip/"),
        paths=_with_prefix(flat, "path/"),
        policy=_with_prefix(flat, "policy/"),
        combination=_with_prefix(flat, "combination/"),
    )


def _unflatten_trajectory(named: ArrayDict) -> Trajectory:
    action, terms, progress = (named.pop(name, None) for name in ("action", "terms", "part_progress"))
    return Trajectory(named, action, terms, progress)


def _unflatten_part(kind: Any, flat: Arrays, prefix: str, names: Mapping[str, str]) -> Any:
    """A part, or None where nothing of it is there. What an older version did not record is NaN."""
    keys = {one.name: prefix + names.get(one.name, one.name) for one in fields(kind)}
    known = {name: flat[key] for name, key in keys.items() if key in flat}
    if not known:
        return None
    rows = len(next(iter(known.values())))
    columns = max((flat[key].shape[1] for key in keys.values() if key in flat and _is_of_terms(key)), default=0)
    shapes = {name: (rows, columns) if _is_of_terms(key) else (rows,) for name, key in keys.items()}
    return kind(**{name: known.get(name, np.full(shape, np.nan, np.float32)) for name, shape in shapes.items()})


def _with_prefix(flat: Arrays, prefix: str) -> ArrayDict:
    return {name.removeprefix(prefix): array for name, array in flat.items() if name.startswith(prefix)}
