"""How far trained policies have taken each entry of the fields, beyond what random motion shows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autoreward.analyzer.entries import split_entries
from autoreward.recordings import MemberRecording
from autoreward.records import EnvSpec, ReachedRange

QUANTILES = (0.05, 0.5, 0.95)
BEYOND = 0.25  # of the range of random motion: what goes less far beyond it is not told
MOST = 10  # entries


def reached(recordings: Iterable[MemberRecording], env: EnvSpec) -> tuple[ReachedRange, ...]:
    """The entries that evaluation episodes took farthest beyond random motion, in the order of the fields.

    Args:
        recordings: of trained members, with the paths of their evaluation episodes.
    """
    members = [one.paths for one in recordings if one.paths]
    ranges: list[tuple[float, int, ReachedRange]] = []
    for field in env.fields:
        several = [np.asarray(paths[field.name], np.float64) for paths in members if field.name in paths]
        if several and field.low is not None and field.high is not None:
            for place, entry in enumerate(split_entries(field, np.concatenate(several), axes=2)):
                low, middle, high = (float(value) for value in np.quantile(entry.series, QUANTILES))
                known = field.quantiles[place] if field.quantiles else (field.low, 0.0, field.high)
                span = max(known[2] - known[0], 1e-9)
                excess = max(high - known[2], known[0] - low) / span
                if excess > BEYOND and high - low > 0.0:
                    one_range = ReachedRange(entry=entry.name, unit=field.unit, quantiles=(low, middle, high))
                    ranges.append((excess, len(ranges), one_range))
    farthest = sorted(ranges, key=lambda one: -one[0])[:MOST]
    return tuple(one_range for _, _, one_range in sorted(farthest, key=lambda one: one[1]))
