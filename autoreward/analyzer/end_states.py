"""How the evaluation episodes of each seed end: upright or on the back, moving or still, where, and when they fell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Num

from autoreward.analyzer.entries import Entry, is_of_foot, split_entries
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.recordings import EvaluationEpisodes, path_steps
from autoreward.records import EndStates, EnvSpec

UPRIGHT, BACK = 0.7, -0.3  # [1] of the unit vector out of the top: above, and below
FELL = 0.5  # [1] below it a robot is not up any more
LATE = 1.0  # [s] before the end, over which it is told whether a robot moves
STILL = 0.1  # [m/s]


def end_states(recordings: CandidateRecordings, env: EnvSpec) -> tuple[EndStates, ...]:
    """One record a seed; none where no paths were recorded, or no field tells a posture or a place."""
    states = []
    for member in recordings.trained:
        paths, evaluation = recordings.paths(member.seed), recordings.evaluation(member.seed)
        if paths and evaluation is not None and len(evaluation.length):
            entries = [entry for field in env.fields for entry in split_entries(field, paths.get(field.name), axes=2)]
            states += _of_seed(member.seed, entries, evaluation, env)
    return tuple(states)


def _of_seed(seed: int, entries: Sequence[Entry], evaluation: EvaluationEpisodes, env: EnvSpec) -> list[EndStates]:
    up = next((one.series for one in entries if one.name.endswith("_up.z") and not is_of_foot(one)), None)
    places = [one for one in entries if one.field.unit == "m" and "position." in one.name and not is_of_foot(one)]
    places = [one for one in places if one.field.name == places[0].field.name]
    if up is None and not places:
        return []
    times = [(path_steps(int(length)) + 1) * env.control_period for length in evaluation.length]
    words = [
        " and ".join([*_posture(up, n), *_motion([one.series[n] for one in places], times[n])])
        for n in range(len(times))
    ]
    fallen = [_fall(up[n], times[n]) for n in range(len(times))] if up is not None else []
    forward = next((one for one in places if one.name.endswith(".x")), None)
    return [
        EndStates(
            seed=seed,
            counts=dict(Counter(words).most_common()),
            fell=tuple(sorted(time for time in fallen if time is not None)),
            terminated=int((evaluation.length < env.horizon).sum()),
            place=forward.name if forward is not None else "",
            places=tuple(sorted(forward.series[:, -1].tolist())) if forward is not None else (),
        )
    ]


def _posture(up: Num[np.ndarray, "V M"] | None, episode: int) -> list[str]:
    if up is None:
        return []
    last = float(up[episode, -1])
    return ["upright" if last >= UPRIGHT else "on its back" if last <= BACK else "leaning or on its side"]


def _motion(places: Sequence[Num[np.ndarray, " M"]], times: Num[np.ndarray, " M"]) -> list[str]:
    """Whether the robot went anywhere in the last second, or in the last two points of its path."""
    if not places:
        return []
    start = max(0, min(len(times) - 2, int(np.searchsorted(times, times[-1] - LATE, side="right")) - 1))
    seconds = float(times[-1] - times[start])
    way = float(np.sqrt(sum(float(place[-1] - place[start]) ** 2 for place in places)))
    return ["moving" if seconds > 0.0 and way / seconds > STILL else "still"]


def _fall(up: Num[np.ndarray, " M"], times: Num[np.ndarray, " M"]) -> float | None:
    """When a robot that was up stopped being so for good [s]."""
    upright = np.flatnonzero(up >= FELL)
    if not len(upright) or upright[-1] == len(up) - 1:
        return None
    return float(times[upright[-1] + 1])
