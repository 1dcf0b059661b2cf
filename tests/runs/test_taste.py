"""What explains choices, on a real program that is called on hand-written episodes."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import NoValidCandidateError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.recordings import write_recordings
from autoreward.people.preferences import read_statement
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.records import TaskSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.runs.preferences import say_preference
from autoreward.runs.proposals import propose_weights
from autoreward.runs.taste import explain_taste
from tests.search.stored_run import add_candidate, add_reward, add_training, member

SOURCE = """WEIGHTS = {"centred": 1.0, "calm": 1.0}


def reward_terms(state, action, next_state, params):
    return {
        "centred": -jnp.abs(next_state.cart_position),
        "calm": -jnp.abs(next_state.pole_angle),
    }
"""
NAMES = [f"g00c{number:02d}" for number in range(6)]
STEPS = 8


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, warm_processes: tuple[Sandbox, object]) -> Path:
    """Six candidates: the later, the calmer and the less centred; anna likes calm ones."""
    task = TaskSpec(env="inverted_pendulum", name="balance", text="Balance.", metric=None)
    environment = open_environment("inverted_pendulum", "balance")
    with Run.create(tmp_path_factory.mktemp("runs"), task, Settings(), {}) as run:
        compiled = warm_processes[0].trace_reward(SOURCE, environment.spec).compiled
        assert compiled is not None
        for place, name in enumerate(NAMES):
            add_reward(run, name, SOURCE, compiled)
            fields = {one.name: np.zeros((STEPS, *one.shape), np.float32) for one in environment.spec.fields}
            fields["cart_position"] += 0.1 * place
            fields["pole_angle"] += 0.1 * (len(NAMES) - place)
            seen = Trajectory(fields, np.zeros((STEPS, len(environment.spec.action_low)), np.float32))
            write_recordings(run, name, [MemberRecording(name, 0, trajectories={"first": seen})])
        add_candidate(run, "g00c09", accepted=False)
        add_training(run, "g00", [member(name, 0, 1.0 - 0.1 * place) for place, name in enumerate(NAMES)])
    for one, other in list(combinations(NAMES, 2))[::2]:
        say_preference(run.path, read_statement(f"{other} > {one}"), "anna")
    return run.path


def test_terms_fields_and_agreement_are_told(run: Path, tmp_path: Path) -> None:
    view = explain_taste(run, None, tmp_path / "out", "basic")
    assert (view.program, view.answers, [one.raters for one in view.tastes]) == ("g00c00", 8, [("anna",)])
    centred, calm = view.terms
    assert calm.liked[0] > calm.weight > centred.liked[0] and calm.pull[0] > 0
    assert view.tastes[0].accuracy == 1.0
    assert view.raters[0].metric == (0, 8), "anna prefers what the metric does not"
    told = {(one.name, one.direction) for one in view.fields}
    assert ("|pole_angle|", "smaller") in told and ("cart_position", "larger") in told
    (file,) = view.files
    assert '"calm": ' in Path(file).read_text() and "WEIGHTS" in Path(file).read_text()


def test_a_taste_takes_answers(run: Path, tmp_path: Path) -> None:
    with Run.open(run, write=False) as opened:
        assert opened.task.env == "inverted_pendulum"
    with pytest.raises(NoValidCandidateError, match="g00c09"):
        explain_taste(run, "g00c09", None, "basic")


def test_a_person_sets_weights_for_the_next_generation(run: Path) -> None:
    view = propose_weights(run, "g00c01", {"centred": 0.0, "calm": 2.0}, "anna")
    assert (view.candidate, view.weights["calm"]) == ("g00c01", 2.0)
    for weights in ({"centred": 1.0}, {"centred": 1.0, "calm": 1.0, "fast": 1.0}, {}, {"centred": 1e9, "calm": 0.0}):
        with pytest.raises(UsageError, match=r"has no terms|is no weight"):
            propose_weights(run, "g00c01", weights, "anna")
