"""`design --restarts`: several searches by the command line, told by their mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import DESIGN, autoreward

pytestmark = pytest.mark.usefixtures("warm")


def test_two_searches_and_their_mean(tmp_path: Path) -> None:
    done = autoreward(tmp_path, *DESIGN, "-n", "256", "--restarts", "2")
    assert done.code == 0, done.err
    assert len(list((tmp_path / "runs").glob("2*"))) == 2
    assert "mean" in done.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rank", "alive > effort"), "Rank is read by combine = ranked alone."),
        (("--combine", "ranked", "--rank", "alive >> effort"), "Rank has ''."),
        (("--combine-model", "network"), "Combine_model = network goes with combine = episodic or ranked."),
        (("--race", "2", "--halving"), "Race and halving are two ways to spend the same steps."),
    ],
)
def test_what_does_not_go_together_is_said_before_anything_begins(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    done = autoreward(tmp_path, *DESIGN, *options)
    assert done.code == 2 and said in done.err and "{" not in done.err, done.err
    assert not (tmp_path / "runs").exists()
