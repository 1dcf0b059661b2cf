"""The forms of a clip: as many pictures as went in, as fast, and in their colours."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from autoreward.environment.clip_encoding import FORMS, HEIGHT, WIDTH
from autoreward.environment.clips import SUFFIXES
from autoreward.environment.stills import STILL_FORM

COUNT, RATE = 7, Fraction(25, 2)
RED, BLUE = (200, 30, 40), (20, 40, 180)


def pictures() -> Iterator[NDArray[Any]]:
    """A red bar that moves over a blue wall."""
    for index in range(COUNT):
        picture = np.full((HEIGHT, WIDTH, 3), BLUE, np.uint8)
        picture[:, 60 * index : 60 * index + 40] = RED
        yield picture


def test_every_suffix_has_its_form() -> None:
    assert tuple(FORMS) == (*SUFFIXES, STILL_FORM)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_pictures_come_out_as_they_went_in(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"clip{suffix}"
    FORMS[suffix].encode(path, pictures(), RATE)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == COUNT
    assert float(frames[-1].time) == pytest.approx((COUNT - 1) / RATE)
    for index, frame in enumerate(frames):
        shown = frame.to_ndarray(format="rgb24").astype(int)
        np.testing.assert_allclose(shown[180, 60 * index + 20], RED, atol=12)
        np.testing.assert_allclose(shown[180, (60 * index + 240) % WIDTH], BLUE, atol=12)
