"""The picture of learned weights: drawn where one changed, and not where all stayed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from autoreward.export.weights_picture import weights_over_training, weights_picture
from autoreward.recordings import MemberRecording, TrainingCurves


def member(seed: int, last: float) -> MemberRecording:
    steps = np.array([100, 200, 300])
    known = np.zeros(3, np.float32)
    terms = np.zeros((3, 2), np.float32)
    names = dict.fromkeys(TrainingCurves.__dataclass_fields__, known)
    arrays = {**names, **dict.fromkeys(("term_mean", "term_low", "term_high"), terms), "env_steps": steps}
    weights = np.float32([[1.0, -0.1], [1.0, -0.1], [last, -0.1]])
    return MemberRecording("g00c00", seed, ("speed", "effort"), curves=TrainingCurves(**{**arrays, "weights": weights}))


def test_weights_that_change(tmp_path: Path) -> None:
    found = weights_over_training([member(0, 3.0), member(1, 1.0)])
    assert found is not None
    names, steps, weights = found
    assert names == ("speed", "effort") and steps.tolist() == [100, 200, 300]
    assert weights[:, :, 0].tolist() == [[1.0, 1.0, 3.0], [1.0, 1.0, 1.0]]
    drawn = weights_picture(tmp_path / "weights.png", "g00c00", [member(0, 3.0), member(1, 1.0)])
    assert drawn is not None and drawn.read_bytes().startswith(b"\x89PNG")


def test_weights_that_stay_or_are_unknown(tmp_path: Path) -> None:
    unknown = replace(member(0, float("nan")), seed=3)
    for several in ([], [member(0, 1.0)], [unknown], [MemberRecording("g00c00", 0, ("a",))]):
        assert weights_picture(tmp_path / "weights.png", "g00c00", several) is None
    assert not list(tmp_path.iterdir())
