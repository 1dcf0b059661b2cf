"""`taste`: what explains the choices of people, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from autoreward.environment.random_rollout import open_environment
from autoreward.errors import NoValidCandidateError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_folder, output_errors
from autoreward.ledger.recordings import read_recordings
from autoreward.ledger.trust import trusted_pack
from autoreward.people.consistency import agreement_with_others, agreement_with_values, self_agreement
from autoreward.people.preferences import preferences
from autoreward.people.taste import FEWEST, Scale, accuracy, fit_tastes, read_answers
from autoreward.records import Preference, TermSums, Tier
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.runs.report import find_accepted
from autoreward.search.given import with_weights
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.search.stored import recheck_entry
from autoreward.search.term_sums import term_sums
from autoreward.views import Explanation, OneTaste, RaterView, TasteTerm, TasteView
from autoreward.views.next_commands import run_name

MOST = 8  # fields that are told
CLEAR = 0.75  # of the choices: what explains fewer is not told


def explain_taste(
    folder: Path, candidate: str | None, directory: Path | None, required: Tier, seed: int = 0
) -> TasteView:
    """What the choices of people come to, in the terms of one program.

    Args:
        candidate: whose program; by default that of the best.
        directory: where a program for each taste is written; None: nowhere.
        required: the isolation below which the program is not called.

    Raises:
        UsageError: too few pairs were answered.
        NoValidCandidateError: there is no program that could be called.
        StorageError: the directory cannot be written.
    """
    if directory is not None:
        check_output_folder(directory)
    with Run.open(folder, write=False) as run:
        board, told = read_leaderboard(run), preferences(run)
        measured = measure_terms(run, candidate, board, required)
        scale = Scale.of_sums(measured.sums)
        answers = read_answers(told, {name: scale.standardised(sums) for name, sums in measured.sums.items()})
        if len(answers.outcomes) < FEWEST:
            raise UsageError(
                f"{run.id}: {len(answers.outcomes)} answers between watched candidates; a taste takes {FEWEST}.",
                f"More of them: autoreward prefer {run_name(folder)}",
            )
        tastes = fit_tastes(answers, scale.centre(measured.weights), seed)
        weights = [scale.as_weights(taste.weights, measured.weights) for taste in tastes]
        files = _write(board, measured, weights, directory) if directory is not None else ()
        return TasteView(
            run=run.id,
            program=measured.program,
            answers=len(answers.outcomes),
            terms=tuple(
                TasteTerm(
                    name=name,
                    weight=before,
                    liked=tuple(float(one[place]) for one in weights),
                    pull=tuple(float(taste.weights[place]) for taste in tastes),
                )
                for place, (name, before) in enumerate(zip(measured.terms, measured.weights, strict=True))
            ),
            tastes=tuple(
                OneTaste(raters=one.raters, accuracy=accuracy(answers.of(_of(answers.raters, one.raters)), one.weights))
                for one in tastes
            ),
            raters=tuple(_rater(name, told, board) for name in sorted({one.rater for one in told})),
            fields=_fields(run, told, sorted(measured.sums)),
            symptoms=_symptoms(board, told),
            files=files,
        )


def measure_terms(run: Run, candidate: str | None, board: Leaderboard, required: Tier) -> TermSums:
    """What the terms of a candidate's program sum up to over the watched episode of each candidate.

    Raises:
        UnknownNameError, NoValidCandidateError: there is no such program, or nothing was recorded to call it on.
    """
    entry, _ = find_accepted(run, candidate, "measure")
    recheck_entry(run, open_environment(trusted_pack(run), run.task.name).spec, entry)
    with Sandbox(required) as sandbox:
        measured = term_sums(run, entry, [one.id for one in board.entries if one.recorded], sandbox)
    if measured is None:
        raise NoValidCandidateError(
            f"{run.id}: the program of {entry.id} cannot be called on what was recorded.",
            "Runs of older versions hold no whole episode to call it on; search one more generation.",
        )
    return measured


def _of(raters: Sequence[str], chosen: Sequence[str]) -> np.ndarray:
    return np.asarray([name in chosen for name in raters])


def _write(board: Leaderboard, measured: TermSums, weights: Sequence[np.ndarray], directory: Path) -> tuple[str, ...]:
    """A program for each taste, as `check`, `train` and `--seed-reward` take it."""
    files = []
    with output_errors(directory):
        for place, one in enumerate(weights, start=1):
            named = dict(zip(measured.terms, map(float, one), strict=True))
            source = with_weights(board, measured.program, named)
            if source is not None:
                path = directory / f"taste_{place}.py"
                write_atomic(path, source)
                files.append(str(path))
    return tuple(files)


def _rater(name: str, told: Sequence[Preference], board: Leaderboard) -> RaterView:
    itself = self_agreement(told, name)
    success = {entry.id: entry.fitness.mean for entry in board.entries if entry.fitness}
    return RaterView(
        rater=name,
        answers=sum(one.rater == name for one in told),
        itself=(itself.agreed, itself.asked),
        others=agreement_with_others(told, name),
        metric=agreement_with_values(told, success, name),
        problem=itself.problem,
    )


# --- What else explains the choices -----------------------------------------------------------------------


def _fields(run: Run, told: Sequence[Preference], names: Sequence[str]) -> tuple[Explanation, ...]:
    """Means of fields over the watched episodes that tell most choices: larger, or smaller, of the preferred ones."""
    means: dict[str, dict[str, float]] = {}
    for name in names:
        for entry, value in _means(run, name).items():
            means.setdefault(entry, {})[name] = value
    found = []
    for entry, values in means.items():
        larger, asked = agreement_with_values(told, values)
        share = max(larger, asked - larger) / asked if asked else 0.0
        if asked >= FEWEST and share >= CLEAR:
            found.append(Explanation(name=entry, direction="larger" if 2 * larger > asked else "smaller",
                                     choices=max(larger, asked - larger), of=asked))  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.choices / one.of, reverse=True)[:MOST])


def _means(run: Run, candidate: str) -> Mapping[str, float]:
    """The mean and the mean size of each small field over a watched episode."""
    recorded = read_recordings(run, candidate, ["trajectory"], missing_ok=True)
    seen = next((one.trajectories["first"] for one in recorded if "first" in one.trajectories), None)
    found: dict[str, float] = {}
    for name, array in seen.fields.items() if seen is not None else ():
        flat = np.asarray(array, np.float64).reshape(len(array), -1)
        if name != "observation" and flat.shape[1] <= 4:
            for place in range(flat.shape[1]):
                label = name if flat.shape[1] == 1 else f"{name}[{place}]"
                found |= {label: float(flat[:, place].mean()), f"|{label}|": float(np.abs(flat[:, place]).mean())}
    return found


def _symptoms(board: Leaderboard, told: Sequence[Preference]) -> tuple[Explanation, ...]:
    """Symptoms that the preferred one lacks, or has, more often."""
    of = {entry.id: {one.name for one in entry.analysis.symptoms} for entry in board.entries if entry.analysis}
    found = []
    for name in sorted(set().union(*of.values())) if of else ():
        values = {candidate: float(name in symptoms) for candidate, symptoms in of.items()}
        having, asked = agreement_with_values(told, values)
        share = max(having, asked - having) / asked if asked else 0.0
        if asked >= FEWEST and share >= CLEAR:
            found.append(Explanation(name=name, direction="larger" if 2 * having > asked else "smaller",
                                     choices=max(having, asked - having), of=asked))  # fmt: skip
    return tuple(found)
