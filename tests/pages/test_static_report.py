"""The report that opens from a disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.pages.static_report import write_best_report, write_report
from tests.web.serving import told_run


def test_a_report_is_a_page_and_its_clips(folder: Path, tmp_path: Path) -> None:
    view = write_report(folder, tmp_path / "out", None)
    page = Path(view.file).read_text()
    assert view.clips == 2 and len(list((tmp_path / "out" / "clips").iterdir())) == 2
    assert "g00c01 is preferred to g01c01: smoother" in page
    assert "<script>document.title" not in page and "&lt;script&gt;" in page
    assert write_report(folder, tmp_path / "out", None).file == view.file, "it may be written again"


def test_a_single_file_holds_each_clip_once(folder: Path, tmp_path: Path) -> None:
    write_report(folder, None, tmp_path / "one.html")
    assert (tmp_path / "one.html").read_text().count("data:video/mp4") == 2


def test_nothing_of_a_person_is_replaced(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>mine")
    with pytest.raises(UsageError, match="is not replaced"):
        write_report(folder, tmp_path, None)
    with pytest.raises(UsageError, match=r"expected \.html"):
        write_report(folder, None, tmp_path / "one.pdf")


def test_the_report_beside_the_best_reward_shows_the_clips_of_the_run(tmp_path: Path) -> None:
    with Run.open(told_run(tmp_path), write=True) as run:
        write_best_report(run)
    assert 'data-src="../candidates/g01c01/video.mp4"' in (run.path / "best" / "report.html").read_text()
