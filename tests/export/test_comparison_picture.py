"""The picture of a comparison: the numbers in it, and that it is drawn whatever is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes

from autoreward.errors import StorageError, UsageError
from autoreward.export.comparison_picture import check_picture, comparison_picture
from autoreward.records import Fitness
from autoreward.views import ComparedPair, ComparedReward, CompareReport

HIGHER = Fitness(mean=0.5, low=0.25, high=0.75, seeds=3, episodes=30)
NAMES = ("g00c00", "human", "/a/folder/with/a/long/name/reward.py")


def pair(a: str, b: str, distance: float, agreement: float | None, difference: Fitness | None = None) -> ComparedPair:
    return ComparedPair(a=a, b=b, distance=distance, rank_agreement=agreement, difference=difference)


def report(*pairs: ComparedPair, **changes: Any) -> CompareReport:
    rewards = tuple(ComparedReward(name=name, origin="file", success=None, progress=None) for name in NAMES)
    facts = {"env": "hopper", "task": "forward", "rewards": rewards, "pairs": pairs, "unit": "m/s"}
    return CompareReport.model_validate({**facts, "transitions": 1, "trajectories": 1, "env_steps": 0, **changes})


COMPARED = (pair(NAMES[0], NAMES[1], 0.25, None), pair(NAMES[0], NAMES[2], 0.75, -0.5), pair(NAMES[1], NAMES[2], 1, 1))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, str]]:
    """The numbers that are written into squares: column, row, text."""
    texts: list[tuple[int, int, str]] = []
    write = Axes.text

    def text(self: Axes, x: int, y: int, s: str, **how: Any) -> Any:
        texts.append((x, y, s))
        return write(self, x, y, s, **how)

    monkeypatch.setattr(Axes, "text", text)
    return texts


def test_each_pair_stands_on_both_sides_and_what_is_not_known_as_a_dash(
    tmp_path: Path, drawn: list[tuple[int, int, str]]
) -> None:
    comparison_picture(tmp_path / "c.png", report(*COMPARED))
    distances, agreements = dict(_by_place(drawn[:9])), dict(_by_place(drawn[9:]))
    assert [distances[place] for place in ((0, 0), (0, 1), (0, 2), (2, 1))] == ["0.00", "0.25", "0.75", "1.00"]
    assert [agreements[place] for place in ((0, 0), (0, 1), (0, 2), (2, 1))] == ["1.00", "-", "-0.50", "1.00"]
    for square in (distances, agreements):
        assert all(square[(row, column)] == square[(column, row)] for row, column in square)


def _by_place(texts: list[tuple[int, int, str]]) -> list[tuple[tuple[int, int], str]]:
    return [((row, column), text) for column, row, text in texts]


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_equal_comparisons_make_equal_files(tmp_path: Path, suffix: str) -> None:
    trained = report(pair(NAMES[0], NAMES[1], 0.5, 0.5, HIGHER))
    first, second = (comparison_picture(tmp_path / f"{name}{suffix}", trained).read_bytes() for name in "ab")
    assert first == second
    assert first.startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")


def test_training_adds_a_panel(tmp_path: Path) -> None:
    files = [
        comparison_picture(tmp_path / f"{index}.svg", report(pair(NAMES[0], NAMES[1], 0.5, 0.5, difference)))
        for index, difference in enumerate((None, HIGHER, HIGHER.model_copy(update={"low": None, "high": None})))
    ]
    counts = [file.read_text().count('id="axes_') for file in files]
    assert counts == [2, 3, 3]


def test_text_of_a_person_is_no_formula(tmp_path: Path) -> None:
    assert comparison_picture(tmp_path / "c.png", report(*COMPARED, task="$\\frac{")).is_file()


def test_only_a_picture_is_written_and_replaced(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.png or \.svg"):
        check_picture(tmp_path / "c.txt")
    for name in ("c.png", "c.SVG"):
        check_picture(tmp_path / name)
        comparison_picture(tmp_path / name, report(*COMPARED))
        check_picture(tmp_path / name)
        (tmp_path / name).write_text("a note of mine")
        with pytest.raises(UsageError, match="is not replaced"):
            check_picture(tmp_path / name)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        comparison_picture(tmp_path / "file" / "c.png", report(*COMPARED))
