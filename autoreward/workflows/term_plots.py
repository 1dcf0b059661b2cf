"""`show --plots`: pictures of each term of a candidate over the fields that it reads, and of learned weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autoreward.environment.random_rollout import open_environment
from autoreward.export.term_pictures import term_pictures
from autoreward.export.weights_picture import NAME, weights_picture
from autoreward.ledger import Run
from autoreward.ledger.recordings import read_recordings
from autoreward.ledger.trust import trusted_pack
from autoreward.records import Tier
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.runs.report import find_accepted
from autoreward.search.clips import TERM_PICTURES
from autoreward.search.stored import recheck_entry
from autoreward.views import TermPicturesView
from autoreward.workflows.sample import FRAGMENT, NUM_ENVS, Sample, sample_of
from autoreward.workflows.term_shapes import STATES, Recorded, term_shapes


def draw_terms(folder: Path, candidate: str | None, required: Tier) -> TermPicturesView:
    """Draw the terms of a candidate, or of the best, into its folder of the run.

    Args:
        required: the isolation below which its program is not called.

    Raises:
        UnknownNameError: there is no such candidate.
        NoValidCandidateError: it has no reward that passed the critic.
        StorageError: a picture cannot be written.
    """
    with Run.open(folder, write=False) as run:
        entry, reward = find_accepted(run, candidate, "draw")
        name = entry.id
        environment = open_environment(trusted_pack(run), run.task.name)
        recheck_entry(run, environment.spec, entry)
        stored = read_recordings(run, name, ["trajectory"], missing_ok=True)
        curves = read_recordings(run, name, ["curves"], missing_ok=True)
        pictures, run_id = run.path / "candidates" / name / TERM_PICTURES, run.id
        shaping_only = run.settings.design.shaping_only
    recorded, states = _recorded(sample_of(environment, [stored]))
    with Sandbox(required) as sandbox:
        shapes = term_shapes(reward, environment.spec, recorded, sandbox)
    if shaping_only:  # its terms only show the potential to the critic
        shapes = [shape for shape in shapes if shape.weight is None]
    files = list(term_pictures(pictures, name, shapes, states))
    weights = weights_picture(pictures / NAME, name, curves)
    files += [] if weights is None else [weights]
    same = [shape.name for shape in shapes if not shape.axes]
    notes = [f"{name}: '{term}' is the same whatever the robot does: there is nothing to draw." for term in same]
    return TermPicturesView(run=run_id, candidate=name, files=tuple(map(str, files)), notes=tuple(notes))


def _recorded(sample: Sample) -> tuple[Recorded, str]:
    """Everything that was seen, a few states of the candidate's own episodes, or else of random motion, and which."""
    random = NUM_ENVS * FRAGMENT
    trained = sample.size > random
    rows = np.unique(np.linspace(random if trained else 0, sample.size - 1, STATES).round().astype(int))
    where = "the candidate's best and worst evaluation episode" if trained else "random motion"
    held = {name: array[rows] for name, array in sample.flat.items()}
    return Recorded(sample.flat, held), f"{len(rows)} states of {where}"
