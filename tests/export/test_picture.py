"""The learning picture: its numbers, and that it is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autoreward.errors import StorageError
from autoreward.export.picture import Curve, learning_curve, learning_picture
from autoreward.recordings import unflatten

NAN = float("nan")


def test_a_curve_joins_what_is_known() -> None:
    arrays = {
        "g00c00/0/steps": np.array([10, 20, 30, 40]),
        "g00c00/0/success": np.float32([NAN, 1.0, NAN, 3.0]),
        "g00c00/1/steps": np.array([10, 20, 30, 40]),
        "g00c00/1/success": np.float32([NAN, NAN, NAN, NAN]),
        "g00c00/0/own_return": np.float32([1.0, 2.0, 3.0, 4.0]),
    }
    curve = learning_curve("best", unflatten(arrays, {}))
    assert curve is not None
    np.testing.assert_array_equal(curve.env_steps, [10, 20, 30, 40])
    np.testing.assert_array_equal(curve.success, [[NAN, 1.0, 2.0, 3.0], [NAN] * 4])  # 2 lies between 1 and 3
    np.testing.assert_array_equal(curve.own_return, [[1.0, 2.0, 3.0, 4.0], [NAN] * 4])


def test_many_rollouts_become_sixty_parts() -> None:
    arrays = {"c/0/steps": np.arange(1, 121) * 5, "c/0/success": np.arange(120.0), "c/0/own_return": np.zeros(120)}
    curve = learning_curve("best", unflatten(arrays, {}))
    assert curve is not None and curve.success.shape == (1, 60)
    np.testing.assert_allclose(curve.success[0], np.arange(60) * 2 + 0.5)  # means of 0 and 1, of 2 and 3, ...


def test_a_candidate_that_never_trained_has_no_curve() -> None:
    assert learning_curve("best", ()) is None
    assert learning_curve("best", unflatten({"c/0/steps": np.zeros(0)}, {})) is None


@pytest.mark.parametrize("name", ["learning.png", "learning.svg"])
def test_equal_curves_make_equal_files(tmp_path: Path, name: str) -> None:
    steps = np.arange(1, 5) * 1000.0
    values = np.array([[NAN, 1.0, 2.0, 3.0], [0.0, 1.0, 1.0, 2.0]])
    curves = [Curve("best (g00c00)", steps, values, values), Curve("human", steps, values + 1, values)]
    files = [
        learning_picture(tmp_path / folder / name, curves, "half_cheetah/forward", "m/s", {"random": 0.1})
        for folder in ("a", "b")
    ]
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert len(first) > 10_000
    assert first.startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")


def test_nothing_to_draw_is_an_empty_picture(tmp_path: Path) -> None:
    nothing = np.full((1, 2), NAN)
    learning_picture(tmp_path / "a.png", [], "nothing")
    learning_picture(tmp_path / "b.png", [Curve("best", np.array([1.0, 2.0]), nothing, nothing)], "nothing")
    assert (tmp_path / "b.png").stat().st_size > 0


def test_a_single_point_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Line2D] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.extend(figure.axes[0].lines))
    one = np.array([[1.0], [3.0]])
    many = np.array([[1.0, 2.0]])
    learning_picture(tmp_path / "a.png", [Curve("best", np.array([100.0]), one, one)], "t")
    learning_picture(tmp_path / "a.png", [Curve("best", np.array([100.0, 200.0]), many, many)], "t")
    assert [line.get_marker() for line in drawn] == ["o", "None"]
    np.testing.assert_array_equal(drawn[0].get_xydata(), [[100.0, 2.0]])


def test_any_words_in_the_title(tmp_path: Path) -> None:
    for words in ("costs $5 to $\\frac{$ run", "歩く " * 200, "line\nline", ""):
        assert learning_picture(tmp_path / "a.png", [], words).stat().st_size > 0


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError):
        learning_picture(tmp_path / "taken" / "a.png", [], "nothing")
