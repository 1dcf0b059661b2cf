"""The pictures of the terms of a candidate lie in its folder of the run; what does not move is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import NoValidCandidateError, UnknownNameError
from autoreward.ledger import Run
from autoreward.records import TaskSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.workflows.term_plots import draw_terms
from tests.search.stored_run import add_candidate, add_reward

pytestmark = pytest.mark.usefixtures("warm")
SOURCE = """WEIGHTS = {"upright": 1.0, "same": 2.0}


def reward_terms(state, action, next_state, params):
    return {"upright": -jnp.abs(next_state.pole_angle), "same": 0.0 * next_state.pole_angle + 1.0}
"""


@pytest.fixture
def run(tmp_path: Path, warm_processes: tuple[Sandbox, object]) -> Path:
    """One accepted candidate that was never trained, and a refused one."""
    task = TaskSpec(env="inverted_pendulum", name="balance", text="Balance.", metric=None)
    compiled = warm_processes[0].trace_reward(SOURCE, open_environment("inverted_pendulum", "balance").spec).compiled
    assert compiled is not None
    with Run.create(tmp_path / "runs", task, Settings(), {}) as run:
        add_reward(run, "g00c00", SOURCE, compiled)
        add_candidate(run, "g00c01", accepted=False)
    return run.path


def test_a_picture_for_each_term_that_something_moves(run: Path) -> None:
    view = draw_terms(run, "g00c00", "basic")
    assert (view.run, view.candidate) == (run.name, "g00c00")
    assert view.notes == ("g00c00: 'same' is the same whatever the robot does: there is nothing to draw.",)
    names = sorted(Path(file).name for file in view.files)
    assert any("upright" in name for name in names) and not any("same" in name for name in names)
    for file in map(Path, view.files):
        assert file.parent == run / "candidates" / "g00c00" / "terms"
        assert file.stat().st_size > 1000


def test_there_is_nothing_to_draw_of_what_is_not_there_or_was_refused(run: Path) -> None:
    with pytest.raises(UnknownNameError, match="g00c09"):
        draw_terms(run, "g00c09", "basic")
    with pytest.raises(NoValidCandidateError, match="g00c01"):
        draw_terms(run, "g00c01", "basic")
    assert not (run / "candidates" / "g00c01" / "terms").exists()
