"""The race of a generation: all candidates on their first seeds, then further seeds to those that can still be best.

    g02.0, g02.1    the first seeds of all candidates, as many populations as it takes
    g02.r0          further seeds, to whom top-two Thompson sampling gives them; the human reward takes part
    g02.confirm     after the last generation: winner and runner-up on fresh seeds, the same for both

All of them have one population size, `design.race`, so nothing is compiled again. A race ends early once somebody is
the best with 95 %; after the last generation it goes on for as long as a budget of steps or time allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from autoreward.estimates import DECIDED, Estimates, estimate
from autoreward.intervals import compare_paired
from autoreward.ledger.recordings import write_recordings
from autoreward.records import Confirmation, Generation, MemberSpec, RewardSpec, TrainingResult, Verdict
from autoreward.search.allocation import top_two
from autoreward.search.budget import count_member_steps, count_spent, selection_population
from autoreward.search.certainty import contender_values
from autoreward.search.entry import HUMAN
from autoreward.search.events import CONFIRMED, GENERATION, RACE, TRAINING, RaceRound
from autoreward.search.final_evaluation import count_final_steps, human_verdict
from autoreward.search.leaderboard import CONFIRM_SEED, Leaderboard, read_leaderboard, training_members
from autoreward.search.progress import announce_race, search_listener
from autoreward.search.session import Session

MOST = 1_000  # seeds that anybody gets


def count_missing_steps(session: Session, key: str) -> int:
    """Environment steps that a generation still takes, if its race is not over early."""
    design = session.settings.design
    slots = selection_population(design)
    wanted = -(-design.candidates * design.seeds // slots) + 1
    done = sum(event.key.startswith(f"{key}.") for event in session.run.events(TRAINING))
    return max(0, wanted - done) * slots * count_member_steps(session.settings)


def run_race(session: Session, index: int, accepted: Mapping[str, Verdict]) -> None:
    """Train the candidates of a generation, or what is missing of it.

    Raises:
        BudgetReachedError: a budget does not allow it.
    """
    key = f"g{index:02d}"
    if session.run.get(GENERATION, key, Generation) is not None:
        return
    rewards = {name: session.training.reward_of(verdict) for name, verdict in accepted.items()}
    first = [MemberSpec(candidate=name, seed=seed) for seed in range(session.settings.design.seeds) for name in rewards]
    slots = selection_population(session.settings.design)
    starts = range(0, len(first), slots)
    for number, start in enumerate(starts):
        stage = f"training {number + 1} of {len(starts)}, then further seeds"
        _train(session, f"{key}.{number}", first[start : start + slots], stage)
    turn = 0
    while _goes_on(session, index, turn):
        job = f"{key}.r{turn}"
        planned = session.run.get(RACE, job, RaceRound) or _plan(session, index, turn)
        if planned is None:
            return
        stored = session.run.once(RACE, job, RaceRound, lambda planned=planned: planned)  # type: ignore[misc]
        given = Counter(member.candidate for member in stored.members)
        announce_race(session, index, given, stored.probability_best)
        _train(session, job, stored.members, "training further seeds")
        turn += 1


def confirm_winner(session: Session, index: int) -> Confirmation | None:
    """Train the best and the runner-up on fresh seeds; their results count like all others.

    Args:
        index: the last generation.

    Returns:
        None where there is nobody to compare with.
    """
    key = f"g{index:02d}.confirm"
    known = session.run.get(CONFIRMED, session.run.measured_key(key), Confirmation)
    if known is not None:
        return known
    ranked = [entry.id for entry in read_leaderboard(session.run).ranked]
    planned = session.run.get(RACE, key, RaceRound)
    if planned is None and len(ranked) < 2:
        return None
    if planned is None:
        planned = session.run.once(RACE, key, RaceRound, partial(_plan_confirmation, session, ranked[0], ranked[1]))
    _train(session, key, planned.members, "confirming the best")
    best, other = dict.fromkeys(member.candidate for member in planned.members)
    return session.run.once(
        CONFIRMED, session.run.measured_key(key), Confirmation, partial(_confirmation, session, best, other)
    )


def _plan(session: Session, index: int, turn: int) -> RaceRound | None:
    """Who gets the next seeds; None where the race is decided, or there is none."""
    board = read_leaderboard(session.run)
    seen = _posterior(session, board)
    if seen is None or max(seen.probability_best.values()) >= DECIDED:
        return None
    rng = np.random.default_rng([session.settings.design.seed, index, turn])
    slots = selection_population(session.settings.design)
    chosen = top_two(seen, slots, MOST, rng)
    if HUMAN in seen.names and not board.human and HUMAN not in chosen:
        chosen[-1] = HUMAN  # whether the best beats it shall be known
    return RaceRound(members=_next_seeds(session, chosen), probability_best=seen.probability_best)


def _plan_confirmation(session: Session, best: str, other: str) -> RaceRound:
    """Both on the same seeds, which nobody has had in a race."""
    half = max(1, selection_population(session.settings.design) // 2)
    used = {member.seed for member in training_members(session.run)}
    seeds = [seed for seed in range(CONFIRM_SEED, CONFIRM_SEED + half + len(used)) if seed not in used][:half]
    members = tuple(MemberSpec(candidate=name, seed=seed) for name in (best, other) for seed in seeds)
    seen = _posterior(session, read_leaderboard(session.run))
    return RaceRound(members=members, probability_best=seen.probability_best if seen else {})


def _confirmation(session: Session, best: str, other: str) -> Confirmation:
    seeds: dict[str, dict[int, float]] = {best: {}, other: {}}
    for member in training_members(session.run):
        if member.candidate in seeds and member.seed >= CONFIRM_SEED and member.success is not None:
            seeds[member.candidate][member.seed] = member.success
    episodes = session.settings.design.evaluation_episodes
    difference = compare_paired(seeds[best], seeds[other], episodes)
    return Confirmation(best=best, runner_up=other, difference=difference)


def _posterior(session: Session, board: Leaderboard) -> Estimates | None:
    """Of everybody who can be chosen and of the human reward, also before it has a seed."""
    success, progress = contender_values(board)
    if session.human is not None and HUMAN not in success and not board.human:
        success[HUMAN] = progress[HUMAN] = ()
    return estimate(success) or estimate(progress)


def _next_seeds(session: Session, chosen: Sequence[str]) -> tuple[MemberSpec, ...]:
    """For each of those chosen the next seed that it has not had."""
    had = {(member.candidate, member.seed) for member in training_members(session.run)}
    members = []
    for name in chosen:
        seed = next(seed for seed in range(CONFIRM_SEED) if (name, seed) not in had)
        had.add((name, seed))
        members.append(MemberSpec(candidate=name, seed=seed))
    return tuple(members)


def _goes_on(session: Session, index: int, turn: int) -> bool:
    """Whether there is a round: one in any case; after the last generation as many as a budget has room for."""
    budget = session.settings.budget
    if turn == 0 or session.run.get(RACE, f"g{index:02d}.r{turn}", RaceRound) is not None:
        return True
    if index + 1 < session.generations or (budget.max_steps is None and budget.max_time is None):
        return False
    used = count_spent(session.run, session.started)
    round_steps = selection_population(session.settings.design) * count_member_steps(session.settings)
    coming = 2 * round_steps + count_final_steps(session)  # this one, the confirmation, the end
    if budget.max_steps is not None and used.env_steps + coming > budget.max_steps:
        return False
    seconds = used.seconds * coming / max(1, used.env_steps)
    return budget.max_time is None or used.seconds + seconds <= budget.max_time


def _train(session: Session, job: str, members: Sequence[MemberSpec], stage: str) -> None:
    """Train one population of the race, once; `stage` is what the live line calls it."""

    def compute() -> TrainingResult:
        slots = selection_population(session.settings.design)
        session.check_budget(slots * count_member_steps(session.settings))
        rewards = {name: _reward_of(session, name) for name in dict.fromkeys(one.candidate for one in members)}
        population = session.training.population(job, rewards, members, slots)
        listener = search_listener(session, job, stage)
        result, recordings = session.train(population, listener)
        for name in rewards:
            write_recordings(session.run, name, recordings)
        return result

    session.run.once(TRAINING, job, TrainingResult, compute)


def _reward_of(session: Session, name: str) -> RewardSpec:
    if name == HUMAN:
        return RewardSpec(kind="program", compiled=human_verdict(session).reward)
    entry = read_leaderboard(session.run).find(name)
    assert entry is not None and entry.verdict is not None  # it takes part
    return session.training.reward_of(entry.verdict)
