"""Candidates that nobody is asked for: a person's reward, weights of a person, of people's taste, of an optimiser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from autoreward.designer.program import read_program
from autoreward.ledger import Run
from autoreward.ledger.run import PROPOSAL
from autoreward.people.preferences import preferences
from autoreward.people.taste import FEWEST, Scale, fit_tastes, read_answers
from autoreward.records import Candidate, Proposal
from autoreward.search.candidates import PERSON, seed_candidate
from autoreward.search.events import CANDIDATE, GIVEN, PROMPTS, Given, PromptSet
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.search.session import Session
from autoreward.search.term_sums import term_sums
from autoreward.search.tuning import TUNER, is_tuning, tuned_programs

TASTE = "taste"  # the designer of weights that were fitted to preferences
SAME = 0.02  # of the length of the weights: what differs by less is not tried again


def given_candidates(session: Session, index: int) -> tuple[Candidate, ...]:
    """Those of a generation, which take its first slots; decided once, before the others are asked for."""
    key, run = f"g{index:02d}", session.run
    seed = seed_candidate(session, index)
    if seed is not None:
        return (seed,)
    given = run.get(GIVEN, key, Given)
    if given is None and run.get(PROMPTS, key, PromptSet) is None:  # else it has begun without any
        made = _give(session, index, key)
        given = run.once(GIVEN, key, Given, lambda: made) if made.candidates else None
    for candidate in given.candidates if given else ():
        run.once(CANDIDATE, candidate.id, Candidate, partial(_itself, candidate))
    return given.candidates if given else ()


def _itself(candidate: Candidate) -> Candidate:
    return candidate


def _give(session: Session, index: int, key: str) -> Given:
    board = read_leaderboard(session.run).before(index)
    proposed = _proposed(session.run, board)
    sources = [(source, parent, PERSON) for source, parent, _ in proposed]
    sources += [(source, parent, TASTE) for source, parent in _liked(session, board)]
    known = {entry.candidate.source for entry in board.entries}
    fresh = [one for one in dict.fromkeys(sources) if one[0] not in known][: session.settings.design.candidates]
    if is_tuning(session.settings.design, index):
        room = session.settings.design.candidates - len(fresh)
        tuned = tuned_programs(session.settings.design, board, index, room)
        fresh += [(source, parent, TUNER) for source, parent in tuned]
    return Given(
        candidates=tuple(
            Candidate(id=f"{key}c{slot:02d}", generation=index, parents=(parent,), source=source, designer=designer)
            for slot, (source, parent, designer) in enumerate(fresh)
        ),
        proposals=tuple(event for _, _, event in proposed),
    )


def _proposed(run: Run, board: Leaderboard) -> list[tuple[str, str, int]]:
    """The programs that persons made since the last generation: source, parent, event."""
    taken = {event for given in run.events(GIVEN) for event in given.record(Given).proposals}
    made = []
    for event in run.events(PROPOSAL):
        proposal = event.record(Proposal)
        source = with_weights(board, proposal.candidate, proposal.weights)
        if event.id not in taken and source is not None:
            made.append((source, proposal.candidate, event.id))
    return made


def _liked(session: Session, board: Leaderboard) -> list[tuple[str, str]]:
    """The best program with the weights that explain what people prefer: source and parent, one for each taste.

    Only where people choose: in a search by the metric a taste is shown and not tried by itself.
    """
    if session.settings.design.select == "metric" or board.best is None:
        return []
    told, best = preferences(session.run), board.best
    measured = term_sums(session.run, best, [entry.id for entry in board.entries if entry.recorded], session.sandbox)
    if measured is None or len(measured.sums) < 2:
        return []
    scale = Scale.of_sums(measured.sums)
    features = {name: scale.standardised(sums) for name, sums in measured.sums.items()}
    answers = read_answers(told, features)
    if len(answers.outcomes) < FEWEST:
        return []
    made = []
    for taste in fit_tastes(answers, scale.centre(measured.weights), session.settings.design.seed):
        weights = scale.as_weights(taste.weights, measured.weights)
        source = None if _same(weights, measured.weights) else _reweighted(board, best.id, measured.terms, weights)
        made += [(source, best.id)] if source is not None else []
    return made


def _same(weights: np.ndarray, before: Sequence[float]) -> bool:
    """Whether the weights are as good as those that are there already."""
    return float(np.linalg.norm(weights - np.asarray(before))) <= SAME * float(np.linalg.norm(before))


def _reweighted(board: Leaderboard, candidate: str, terms: Sequence[str], weights: np.ndarray) -> str | None:
    return with_weights(board, candidate, dict(zip(terms, map(float, weights), strict=True)))


def with_weights(board: Leaderboard, candidate: str, weights: Mapping[str, float]) -> str | None:
    """The program of a candidate with other weights; None where there is none, or its weights cannot be read."""
    entry = board.find(candidate)
    program = read_program(entry.candidate.source, candidate) if entry else None
    if program is None or set(weights) != {term.name for term in program.terms}:
        return None
    return program.with_terms(tuple(replace(term, weight=weights[term.name]) for term in program.terms)).source()
