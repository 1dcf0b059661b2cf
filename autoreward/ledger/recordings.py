"""What members recorded, in the folder of a run: the one place that knows these files.

    candidates/g02c05/curves.npz       training curves, training episodes, evaluation episodes
                      trajectory.npz   its best and its worst evaluation episode
                      clip.npz         qpos of some evaluation episodes
                      policy.npz       the policies kept, and what was learned of how terms combine
    best/measured_NAME.npz             all of this, of a final training

What a revised metric measures anew lies in a folder v1, v2, ... beside them, and is read instead once the run is
measured by that revision; policies stay.

How arrays are named in them: recordings.to_file. In files of older versions the columns of terms have no names: they
are in the order of the program's terms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from autoreward.errors import StorageError
from autoreward.ledger.run import Run, version_prefix
from autoreward.recordings import ArrayDict, MemberRecording, Recordings, from_file, to_file

Part = Literal["curves", "trajectory", "clip", "policy"]
ATTRIBUTES: dict[Part, tuple[str, ...]] = {  # of a recording, by the file that has them
    "curves": ("curves", "episodes", "evaluation", "paths"),
    "trajectory": ("trajectories",),
    "clip": ("clips",),
    "policy": ("policy", "combination"),
}


def write_recordings(run: Run, candidate: str, recordings: Iterable[MemberRecording], version: int = 0) -> None:
    """Write what the members of a candidate recorded, a file a part; recordings of other candidates are left out.

    What other seeds of it recorded in an earlier training stays. Of the best and the worst episodes of both trainings
    the better and the worse one stay.

    Args:
        version: the revision of the metric that they were measured by.
    """
    of_candidate = _with_earlier(run, candidate, [one for one in recordings if one.candidate == candidate], version)
    for part, kept in ATTRIBUTES.items():
        only = tuple(
            MemberRecording(one.candidate, one.seed, one.term_names, **{name: getattr(one, name) for name in kept})
            for one in of_candidate
        )
        _write(run, _of_version(candidate_file(candidate, part), version), only)


def _with_earlier(run: Run, candidate: str, new: list[MemberRecording], version: int) -> list[MemberRecording]:
    """The recordings with those of other seeds that are written already."""
    files = [_of_version(candidate_file(candidate, part), version) for part in ATTRIBUTES]
    seeds = {one.seed for one in new}
    old = [one for one in _read(run, files, candidate, (), missing_ok=True) if one.seed not in seeds]
    if not old or not new:
        return [*old, *new]
    before, after = _successes(old), _successes(new)
    ends = {"best": max([*before, *after], default=None), "worst": min([*before, *after], default=None)}
    newer = {label for label, value in ends.items() if value not in before}
    return [*(_without(one, newer) for one in old), *(_without(one, ends.keys() - newer) for one in new)]


def _successes(recordings: Iterable[MemberRecording]) -> list[float]:
    """Of all their evaluation episodes."""
    measured = (one.evaluation.success for one in recordings if one.evaluation is not None)
    return [float(value) for success in measured for value in success]


def _without(recording: MemberRecording, labels: Collection[str]) -> MemberRecording:
    """The recording without these episodes."""
    trajectories = {label: one for label, one in recording.trajectories.items() if label not in labels}
    clips = {label: one for label, one in recording.clips.items() if label not in labels}
    return replace(recording, trajectories=trajectories, clips=clips)


def read_recordings(
    run: Run, candidate: str, parts: Sequence[Part], term_names: Sequence[str] = (), missing_ok: bool = False
) -> Recordings:
    """Some parts of what the members of a candidate recorded.

    Args:
        term_names: of its program, in order; for a file of an older version.
        missing_ok: nothing was recorded where there is no file.

    Raises:
        StorageError: there is no such file, or it holds something else.
    """
    files = [_newest(run, candidate_file(candidate, part)) for part in parts]
    return _read(run, files, candidate, term_names, missing_ok)


def write_final_recordings(run: Run, name: str, recordings: Iterable[MemberRecording], version: int = 0) -> None:
    """Write what a candidate or a baseline recorded in a final training; see `write_recordings`."""
    _write(run, _of_version(_final_file(name), version), tuple(one for one in recordings if one.candidate == name))


def read_final_recordings(run: Run, name: str, term_names: Sequence[str] = (), missing_ok: bool = False) -> Recordings:
    """What a candidate or a baseline recorded in a final training; see `read_recordings`."""
    return _read(run, [_newest(run, _final_file(name))], name, term_names, missing_ok)


def candidate_file(candidate: str, part: Part) -> str:
    """Where a part of a candidate's recordings lies in the run."""
    return f"candidates/{candidate}/{part}.npz"


def _final_file(name: str) -> str:
    return f"best/measured_{name}.npz"


def _of_version(file: str, version: int) -> str:
    folder, _, name = file.rpartition("/")
    return f"{folder}/{version_prefix(version)}{name}"


def _newest(run: Run, file: str) -> str:
    """The file as the newest revision has it by which the run is measured."""
    versions = (_of_version(file, version) for version in range(run.metric_version, 0, -1))
    return next((one for one in versions if (run.path / one).is_file()), file)


def _write(run: Run, file: str, recordings: Recordings) -> None:
    arrays = to_file(recordings)
    if arrays:
        run.write_arrays(file, arrays)


def _read(run: Run, files: Sequence[str], candidate: str, term_names: Sequence[str], missing_ok: bool) -> Recordings:
    arrays: ArrayDict = {}
    for file in files:
        if not missing_ok or (run.path / file).is_file():
            arrays |= run.read_arrays(file)
    try:
        return from_file(arrays, candidate, term_names)
    except (ValueError, IndexError) as error:
        raise StorageError(
            f"{run.path / files[0]} holds no recordings: names are {sorted(arrays)[:3]}, expected candidate/seed/name.",
            "It was written with the run; restore it.",
        ) from error
