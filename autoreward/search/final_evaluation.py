"""The end of a search: the winner retrained on fresh seeds, beside the human-written, the sparse and the random policy.

Selection seeds and reporting seeds are disjoint: the best of many candidates looks better than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autoreward.critic import check
from autoreward.errors import EnvironmentFailedError
from autoreward.intervals import compare_paired
from autoreward.ledger.recordings import write_final_recordings
from autoreward.records import (
    BaselineResult,
    FinalReport,
    Fitness,
    MemberResult,
    PairedDifference,
    RewardSpec,
    TrainingJob,
    TrainingResult,
    Verdict,
)
from autoreward.search.best_reward import RANDOM_POLICY
from autoreward.search.budget import count_member_steps
from autoreward.search.entry import HUMAN as HUMAN
from autoreward.search.entry import Entry
from autoreward.search.events import FINAL, RANDOM, TRAINING, VERDICT
from autoreward.search.leaderboard import FINAL_SEED, is_final, measure_fitness, training_members
from autoreward.search.progress import search_listener
from autoreward.search.session import Session
from autoreward.trainer.jobs import round_up_population

SPARSE = "sparse"


def measure_winner(session: Session, winner: Entry, generation: int) -> FinalReport:
    """Measure the winner and the baselines on fresh seeds, once, and put the results side by side."""
    rewards = _rewards(session, winner)
    missing = _missing(session, rewards)
    if missing:
        _train_final(session, {name: rewards[name] for name in missing})
    measure_random(session, winner)
    key = session.run.measured_key(f"g{generation:02d}")
    return session.run.once(FINAL, key, FinalReport, lambda: _report(session, winner, generation))


def _rewards(session: Session, winner: Entry) -> dict[str, RewardSpec]:
    assert winner.verdict is not None and winner.verdict.reward is not None  # it has been trained
    rewards = {winner.id: session.training.reward_of(winner.verdict)}
    if session.human is not None:
        rewards[HUMAN] = RewardSpec(kind="program", compiled=human_verdict(session).reward)
    if session.metric is not None:
        rewards[SPARSE] = RewardSpec(kind="sparse")
    return rewards


def human_verdict(session: Session) -> Verdict:
    """The human-written reward, compiled once."""
    return session.run.once(VERDICT, HUMAN, Verdict, lambda: _compile_human(session))


def count_final_steps(session: Session) -> int:
    """Environment steps that the measurement of a winner and of the baselines takes at most."""
    measured = 1 + (session.human is not None) + (session.metric is not None)
    members = measured * session.settings.design.final_seeds
    return round_up_population(members) * count_member_steps(session.settings)


def _compile_human(session: Session) -> Verdict:
    verdict = check([(HUMAN, session.human or "")], session.env, session.transitions, session.sandbox)[0]
    if verdict.status != "accepted":
        why = "; ".join(f"{finding.rule}: {finding.message}" for finding in verdict.findings)
        raise EnvironmentFailedError(f"{session.env.name}: the pack's human-written reward does not pass: {why}")
    return verdict


def _missing(session: Session, rewards: Mapping[str, RewardSpec]) -> list[str]:
    """Those that no earlier final training has measured."""
    done = {member.candidate for member in training_members(session.run) if is_final(member)}
    return [name for name in rewards if name not in done]


def _train_final(session: Session, rewards: Mapping[str, RewardSpec]) -> None:
    job = _final_job(session, rewards)

    def compute() -> TrainingResult:
        session.check_budget(job.n_timesteps * job.population_size)
        result, recordings = session.train(job, search_listener(session, job.id))
        for name in rewards:
            write_final_recordings(session.run, name, recordings, session.run.metric_version)
        return result

    session.run.once(TRAINING, job.id, TrainingResult, compute)


def _final_job(session: Session, rewards: Mapping[str, RewardSpec]) -> TrainingJob:
    seeds = range(FINAL_SEED, FINAL_SEED + session.settings.design.final_seeds)
    version = session.run.metric_version
    name = "+".join(rewards)  # a revised metric's progress is paid in a training of its own
    return session.training.job(f"final-v{version}-{name}" if version else f"final-{name}", rewards, seeds)


def measure_random(session: Session, winner: Entry) -> TrainingResult:
    """What the random policy comes to on the reporting seeds, measured once under each version of the metric."""

    def compute() -> TrainingResult:
        job = _final_job(session, _rewards(session, winner))
        return session.worker.evaluate_random(job, RANDOM_POLICY)[0]

    return session.run.once(RANDOM, session.run.measured_key(RANDOM_POLICY), TrainingResult, compute)


def random_success(session: Session, winner: Entry) -> float | None:
    """Mean success of the random policy; None where nothing measures success."""
    members = measure_random(session, winner).members
    measured = [member.success for member in members if member.success is not None]
    return sum(measured) / len(measured) if measured else None


def _report(session: Session, winner: Entry, generation: int) -> FinalReport:
    members = [member for member in training_members(session.run) if is_final(member)]
    random = session.run.get(RANDOM, session.run.measured_key(RANDOM_POLICY), TrainingResult)
    members += random.members if random else ()
    fresh, fresh_progress = _measure(session, members, winner.id)
    sparse = [SPARSE] if session.metric is not None else []  # what is paid is the metric's progress
    names = (*([HUMAN] if session.human is not None else []), *sparse, RANDOM_POLICY)
    baselines = {}
    for name in names:
        fitness, progress = _measure(session, members, name)
        baselines[name] = BaselineResult(fitness=fitness, progress=progress)
    return FinalReport(
        candidate=winner.id,
        selection=winner.fitness,
        fresh=fresh,
        fresh_progress=fresh_progress,
        baselines=baselines,
        difference=_compare(session, members, winner.id, HUMAN),
        over_random=_compare(session, members, winner.id, RANDOM_POLICY),
        after_generation=generation,
    )


def _compare(session: Session, members: Sequence[MemberResult], winner: str, other: str) -> PairedDifference | None:
    """The winner less another one, on equal reporting seeds: both start from the same policies and states."""
    successes: dict[str, dict[int, float]] = {winner: {}, other: {}}
    for member in _reporting(session, members):
        if member.candidate in successes and member.success is not None and member.status == "trained":
            successes[member.candidate][member.seed] = member.success
    return compare_paired(successes[winner], successes[other], session.settings.design.evaluation_episodes)


def _measure(session: Session, members: Sequence[MemberResult], name: str) -> tuple[Fitness | None, Fitness | None]:
    """Success and progress on the reporting seeds, as many for everybody: those of filled slots are left out."""
    reporting = [member for member in _reporting(session, members) if member.candidate == name]
    return measure_fitness(reporting, session.settings.design.evaluation_episodes)


def _reporting(session: Session, members: Sequence[MemberResult]) -> list[MemberResult]:
    """The members on reporting seeds, without those of filled slots."""
    last = FINAL_SEED + session.settings.design.final_seeds
    return [member for member in members if member.seed < last]
