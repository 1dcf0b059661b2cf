"""The analysis of what a generation trained: each candidate beside its parent and all that have a smaller id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from autoreward.analyzer import CandidateRecordings, Family, Relative, analyze
from autoreward.ledger.recordings import read_recordings
from autoreward.records import SHAPING_TERMS, Analysis
from autoreward.search.events import ANALYSIS
from autoreward.search.leaderboard import Standing, standings
from autoreward.search.session import Session


def analyse(session: Session, names: Sequence[str]) -> None:
    """Analyse the trained candidates of a generation; what is stored is not made again."""
    missing = [name for name in names if session.run.get(ANALYSIS, name, Analysis) is None]
    if not missing:
        return
    trained = {
        item.candidate.id: item
        for item in standings(session.run, session.settings.design.evaluation_episodes)
        if item.members
    }
    known = {name: _relative(session, item) for name, item in trained.items() if name <= max(missing)}
    for name in missing:
        session.run.once(ANALYSIS, name, Analysis, partial(_analysis, session, trained[name], known))


def _analysis(session: Session, standing: Standing, known: Mapping[str, Relative]) -> Analysis:
    name = standing.candidate.id
    own = known[name]
    parent = next((known[one] for one in standing.candidate.parents if one in known), None)
    earlier = tuple(relative for other, relative in sorted(known.items()) if other < name)
    recordings = read_recordings(session.run, name, ["curves", "trajectory"], tuple(own.weights))
    reached = max(member.env_steps for member in standing.members)  # fewer than all where it was stopped
    n_timesteps = min(reached, session.settings.design.n_timesteps)
    return analyze(
        name, own.weights, standing.members, recordings, session.env, n_timesteps, Family(own, parent, earlier)
    )


def _relative(session: Session, standing: Standing) -> Relative:
    name, verdict = standing.candidate.id, standing.verdict
    assert verdict is not None and verdict.reward is not None  # what was trained was accepted
    reward = verdict.reward
    weights = dict(zip(reward.term_names, reward.ordered_weights, strict=True))
    if session.settings.design.shaping_only:
        weights = dict(SHAPING_TERMS)
    recorded = read_recordings(session.run, name, ["curves"], tuple(weights))
    recordings = CandidateRecordings.of_candidate(name, standing.members, recorded, tuple(weights))
    return Relative(standing.candidate.source, reward, weights, recordings)
