"""One generation: prompts, candidates, one training of all that passed the critic, and the analysis of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from autoreward.analyzer import CandidateRecordings, Family, Relative, analyze
from autoreward.errors import NoValidCandidateError
from autoreward.ledger.recordings import read_recordings, write_recordings
from autoreward.records import SHAPING_TERMS, Analysis, Generation, TrainingJob, TrainingResult, Verdict
from autoreward.search.briefs import first_brief, write_prompts
from autoreward.search.budget import count_generation_steps, generation_rungs
from autoreward.search.candidates import check_all, write_and_check
from autoreward.search.entry import Entry
from autoreward.search.episodic_factors import wants_factors, write_factors
from autoreward.search.events import ANALYSIS, GENERATION, PROMPTS, TRAINING, PromptSet
from autoreward.search.factors import add_factors
from autoreward.search.given import given_candidates
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.people_choice import wait_for_people
from autoreward.search.progress import announce_generation, search_listener
from autoreward.search.race import count_missing_steps, run_race
from autoreward.search.remarks import read_meaning, read_trajectories
from autoreward.search.required import never_met
from autoreward.search.session import Session
from autoreward.views.next_commands import run_name


def run_generation(session: Session, index: int) -> Generation:
    """Run one generation, or what is missing of it.

    Raises:
        BudgetReachedError: a budget does not allow it.
        NoValidCandidateError: nothing of this and all earlier generations could be trained.
        WaitingForPersonError: people choose, and have not compared its candidates yet.
    """
    key = f"g{index:02d}"
    told = session.run.get(GENERATION, key, Generation) is not None  # by an earlier sitting
    earlier = read_leaderboard(session.run).before(index)
    _check_budget(session, key)
    given = given_candidates(session, index)
    drafted = wants_factors(session.settings.design, session.designer.is_llm, index, len(given))
    prompts = session.run.once(
        PROMPTS, key, PromptSet, lambda: write_prompts(session, index, earlier, given, int(drafted))
    )
    verdicts = check_all(session, {one.id: one for one in given}) if given else {}
    if drafted:
        verdicts |= write_factors(session, first_brief(session, len(given)))
    verdicts |= write_and_check(session, prompts.prompts)
    _save_candidates(session, verdicts)
    accepted = {name: verdict for name, verdict in sorted(verdicts.items()) if verdict.status == "accepted"}
    if accepted:
        read_meaning(session, index, list(accepted))
    if accepted and session.settings.design.race:
        run_race(session, index, accepted)
    elif accepted:
        _train(session, key, accepted)
    if accepted:
        _say_never_met(session, index)
        analyse_candidates(session, sorted(accepted))
        read_trajectories(session, index)
    wait_for_people(session, index)
    generation = session.run.once(GENERATION, key, Generation, lambda: _select(session, index, prompts))
    if not told:
        announce_generation(session, generation)
    if generation.best is None and index + 1 >= session.generations:
        raise NoValidCandidateError(
            f"None of {len(generation.candidates)} candidates of generation {index} could be trained.",
            f"See why: autoreward show {run_name(session.run.path)}",
        )
    return generation


def _check_budget(session: Session, key: str) -> None:
    """Stop before a generation is paid for that could not be trained any more."""
    if session.settings.design.race:
        session.check_budget(count_missing_steps(session, key))
        return
    trained = session.run.get(TRAINING, key, TrainingResult) is not None
    session.check_budget(0 if trained else count_generation_steps(session.settings))  # at a rung nobody may be stopped


def _save_candidates(session: Session, verdicts: Mapping[str, Verdict]) -> None:
    """The programs and the verdicts as files, readable without the tool."""
    leaderboard = read_leaderboard(session.run)
    for name, verdict in sorted(verdicts.items()):
        entry = leaderboard.find(name)
        assert entry is not None  # it has a verdict
        session.run.write_file(f"candidates/{name}/reward.py", entry.candidate.source)
        readable = verdict.model_copy(update={"reward": None})
        session.run.write_file(f"candidates/{name}/verdict.json", readable.model_dump_json(indent=2) + "\n")


# --- Training ---------------------------------------------------------------------------------------------


def _train(session: Session, key: str, accepted: Mapping[str, Verdict]) -> None:
    """Train all accepted candidates of a generation."""
    job = generation_job(session, key, accepted)

    def compute() -> TrainingResult:
        _check_budget(session, key)
        result, recordings = session.train(job, search_listener(session, key))
        for name in accepted:
            write_recordings(session.run, name, recordings)
        return result

    session.run.once(TRAINING, key, TrainingResult, compute)


def generation_job(session: Session, key: str, accepted: Mapping[str, Verdict]) -> TrainingJob:
    """The training of a generation.

    Its population size is always the same, so it compiles once a run: freed slots train further seeds. With halving
    there is one size for each number of candidates instead, so that every candidate has equally many members.
    """
    design = session.settings.design
    candidates = len(accepted) if design.halving else design.candidates
    return session.training.job(
        key,
        {name: session.training.reward_of(verdict) for name, verdict in accepted.items()},
        range(design.seeds),
        population_size=candidates * design.seeds,
        rungs=generation_rungs(design),
    )


def _say_never_met(session: Session, index: int) -> None:
    """Say which requirements nobody of a generation met."""
    entries = read_leaderboard(session.run).of_generation(index).entries
    for sentence in never_met(member for entry in entries for member in entry.members):
        session.report_once(f"Generation {index}: {sentence}")


# --- What came of it --------------------------------------------------------------------------------------


def analyse_candidates(session: Session, names: Sequence[str]) -> None:
    """Analyse trained candidates, each beside its parent and all with a smaller id; what is stored is kept."""
    trained = {entry.id: entry for entry in read_leaderboard(session.run).entries if entry.recorded}
    missing = [name for name in names if name in trained and trained[name].analysis is None]
    if not missing:
        return
    relatives = {name: _relative(session, entry) for name, entry in trained.items() if name <= max(missing)}
    for name in missing:
        key = session.run.measured_key(name)
        session.run.once(ANALYSIS, key, Analysis, partial(_analysis, session, trained[name], relatives))


def _analysis(session: Session, entry: Entry, relatives: Mapping[str, Relative]) -> Analysis:
    itself = relatives[entry.id]
    parent = next((relatives[name] for name in entry.candidate.parents if name in relatives), None)
    earlier = tuple(relative for name, relative in sorted(relatives.items()) if name < entry.id)
    recordings = read_recordings(session.run, entry.id, ["curves", "trajectory"], tuple(itself.weights))
    reached = max(member.env_steps for member in entry.members)  # fewer than all where it was stopped
    n_timesteps = min(reached, session.settings.design.n_timesteps)
    family = Family(itself, parent, earlier)
    found = analyze(entry.id, itself.weights, entry.members, recordings, session.env, n_timesteps, family)
    return add_factors(found, entry.candidate.source, recordings, session.env, session.sandbox)


def _relative(session: Session, entry: Entry) -> Relative:
    verdict = entry.verdict
    assert verdict is not None and verdict.reward is not None  # what was trained was accepted
    reward = verdict.reward
    weights = dict(zip(reward.term_names, reward.ordered_weights, strict=True))
    if session.settings.design.shaping_only:
        weights = dict(SHAPING_TERMS)
    recorded = read_recordings(session.run, entry.id, ["curves"], tuple(weights))
    recordings = CandidateRecordings.of_candidate(entry.id, entry.members, recorded, tuple(weights))
    return Relative(entry.candidate.source, reward, weights, recordings)


def _select(session: Session, index: int, prompts: PromptSet) -> Generation:
    """The best of the whole run so far."""
    leaderboard = read_leaderboard(session.run)
    return Generation(
        index=index,
        candidates=tuple(entry.id for entry in leaderboard.of_generation(index).entries),
        best=leaderboard.best.id if leaderboard.best else None,
        note_ids=tuple(note.id for note in prompts.notes),
    )
