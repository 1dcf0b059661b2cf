"""One generation: briefs, candidates, one training of all that passed the critic, and the analysis of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autoreward.analyzer import written
from autoreward.config import DesignSettings, Settings
from autoreward.designer.prompts import render
from autoreward.errors import NoValidCandidateError
from autoreward.people.notes import for_brief
from autoreward.records import (
    Brief,
    CandidateSummary,
    Generation,
    GenerationSummary,
    MemberSpec,
    Rung,
    TrainingJob,
    TrainingResult,
    Verdict,
)
from autoreward.search.analysis import analyse
from autoreward.search.budget import check_budget, generation_usage, spent
from autoreward.search.candidates import check_given, write_and_check
from autoreward.search.events import GENERATION, PROMPTS, TRAINING, PromptSet
from autoreward.search.leaderboard import Standing, best_of, standings
from autoreward.search.progress import training_progress
from autoreward.search.seed_reward import as_parent, seed_candidate
from autoreward.search.session import Session
from autoreward.trainer.rungs import HALVING, by_iteration, whole_trainings
from autoreward.views import CandidateEvent, GenerationEvent, SpentView

if TYPE_CHECKING:
    from numpy.typing import NDArray

HISTORY = 4  # generations that a prompt tells of


def run_generation(session: Session, index: int) -> Generation:
    """Run one generation, or what is missing of it.

    Raises:
        BudgetReachedError: a budget does not allow it.
        NoValidCandidateError: nothing of this and all earlier generations could be trained.
    """
    key = f"g{index:02d}"
    earlier = [item for item in _standings(session) if item.candidate.generation < index]
    _check_budget(session, key)
    prompts = session.run.once(PROMPTS, key, PromptSet, lambda: _prompts(session, index, earlier))
    seed, best = seed_candidate(session, index), best_of(earlier)
    parent = best.candidate.id if best else seed.id if seed else None
    verdicts = check_given(session, seed) if seed else {}
    verdicts |= write_and_check(session, prompts.prompts, (parent,) if parent else ())
    for name, verdict in sorted(verdicts.items()):
        _write_candidate(session, name, verdict)
    accepted = {name: verdict for name, verdict in sorted(verdicts.items()) if verdict.status == "accepted"}
    if accepted:
        _train(session, key, accepted)
    done = _finish(session, index, prompts)
    _announce(session, done)
    if done.best is None and index + 1 >= session.generations:
        raise NoValidCandidateError(
            f"None of {len(done.candidates)} candidates of generation {index} could be trained.",
            f"See why: autoreward show {session.run.id}",
        )
    return done


def _check_budget(session: Session, key: str) -> None:
    """Stop before a generation is paid for that could not be trained any more."""
    trained = session.run.get(TRAINING, key, TrainingResult) is not None
    coming = 0 if trained else generation_steps(session.settings)  # at a rung nobody may be stopped
    check_budget(spent(session.run, session.started), session.settings.budget, coming)


def generation_steps(settings: Settings, rungs: Sequence[Rung] = ()) -> int:
    """Environment steps of training that a whole generation takes on a CPU, if each rung stops as many as it should."""
    design, to_the_end = settings.design, member_steps(settings)
    iterations = to_the_end // _rollout(settings)
    passed = by_iteration(rungs, iterations).items()
    shares = [Rung(at=done / iterations, keep=rung.keep) for done, rung in passed]
    return round(whole_trainings(design.candidates, shares) * to_the_end) * design.seeds


def member_steps(settings: Settings) -> int:
    """Environment steps of a member that is trained to the end on a CPU: whole rollouts."""
    return -(-settings.design.n_timesteps // _rollout(settings)) * _rollout(settings)


def _rollout(settings: Settings) -> int:
    return settings.ppo.num_envs * settings.ppo.num_steps


def generation_rungs(design: DesignSettings) -> tuple[Rung, ...]:
    """Where the worse candidates of a generation are stopped."""
    return HALVING if design.halving else ()


def _standings(session: Session) -> list[Standing]:
    return standings(session.run, session.settings.design.evaluation_episodes)


def _prompts(session: Session, index: int, earlier: Sequence[Standing]) -> PromptSet:
    """The prompts of a generation. They are made from briefs alone, which hold no human reward and no metric."""
    design = session.settings.design
    seed, best = seed_candidate(session, index), best_of(earlier)
    notes = for_brief(session.run.notes())
    shared: dict[str, Any] = {
        "text": session.task.text,
        "env": session.env,
        "generation": index,
        "candidates": design.candidates,
        "seed": design.seed,
        "history": _history(earlier, best, index),
        "parent": _summary(best, best) if best else as_parent(seed) if seed else None,
        "notes": notes,
        "shaping_only": design.shaping_only,
    }
    briefs = [Brief(slot=slot, **shared) for slot in range(1 if seed else 0, design.candidates)]
    prompts = tuple(render(brief, f"g{index:02d}c{brief.slot:02d}") for brief in briefs)
    return PromptSet(prompts=prompts, notes=notes)


def _history(earlier: Sequence[Standing], best: Standing | None, index: int) -> tuple[GenerationSummary, ...]:
    summaries = []
    for generation in range(max(0, index - HISTORY), index):
        own = tuple(_summary(item, best) for item in earlier if item.candidate.generation == generation)
        summaries.append(GenerationSummary(index=generation, candidates=own))
    return tuple(summaries)


def _summary(standing: Standing, best: Standing | None) -> CandidateSummary:
    findings = "\n".join(f"{finding.rule}: {finding.message} {finding.remedy}" for finding in standing.findings)
    analysis = written(standing.analysis, for_prompt=True) if standing.analysis else findings
    return CandidateSummary(
        id=standing.candidate.id,
        source=standing.candidate.source,
        status=standing.status,
        analysis=analysis,
        success=standing.fitness.mean if standing.fitness else None,
        progress=standing.progress.mean if standing.progress else None,
        best=best is not None and standing.candidate.id == best.candidate.id,
    )


def _train(session: Session, key: str, accepted: Mapping[str, Verdict]) -> None:
    """Train all accepted candidates of a generation, and analyse what came of each."""
    job = generation_job(session, key, accepted)

    def train() -> TrainingResult:
        _check_budget(session, key)
        result, arrays = session.worker.train(job, training_progress(session, key))
        for name in accepted:
            write_candidate_arrays(session, name, arrays)
        return result

    session.run.once(TRAINING, key, TrainingResult, train)
    analyse(session, sorted(accepted))


def generation_job(session: Session, key: str, accepted: Mapping[str, Verdict]) -> TrainingJob:
    """The training of a generation.

    Its population size is always the same, so it compiles once a run: freed slots train further seeds. With halving
    there is one size for each number of candidates instead, so that every candidate has equally many members.
    """
    design = session.settings.design
    members = [MemberSpec(candidate=name, seed=seed) for name in accepted for seed in range(design.seeds)]
    return TrainingJob(
        id=key,
        env=session.env.name,
        env_path=session.env_path,
        task=session.task.name,
        members=tuple(members),
        rewards={name: session.reward_of(verdict) for name, verdict in accepted.items()},
        metric=session.metric,
        n_timesteps=design.n_timesteps,
        seed=design.seed,
        population_size=len(members) if design.halving else design.candidates * design.seeds,
        evaluation_episodes=design.evaluation_episodes,
        ppo=session.settings.ppo,
        device=session.settings.device,
        rungs=generation_rungs(design),
    )


def write_candidate_arrays(session: Session, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """A candidate's curves, trajectories and policies as files of the run."""
    own = {key: array for key, array in arrays.items() if key.startswith(f"{name}/")}
    kinds: dict[str, dict[str, NDArray[Any]]] = {"curves": {}, "trajectory": {}, "clip": {}, "policy": {}}
    for key, array in own.items():
        kind = key.split("/")[2]
        kinds[kind if kind in kinds else "curves"][key] = array
    for kind, part in kinds.items():
        if part:
            session.run.write_arrays(f"candidates/{name}/{kind}.npz", part)


def _write_candidate(session: Session, name: str, verdict: Verdict) -> None:
    """The program and the verdict as files, readable without the tool."""
    standing = next(item for item in _standings(session) if item.candidate.id == name)
    session.run.write_file(f"candidates/{name}/reward.py", standing.candidate.source)
    shown = verdict.model_copy(update={"reward": None})
    session.run.write_file(f"candidates/{name}/verdict.json", shown.model_dump_json(indent=2) + "\n")


def _finish(session: Session, index: int, prompts: PromptSet) -> Generation:
    """Select: the best of the whole run so far."""

    def select() -> Generation:
        known = _standings(session)
        best = best_of(known)
        own = tuple(item.candidate.id for item in known if item.candidate.generation == index)
        notes = tuple(note.id for note in prompts.notes)
        return Generation(index=index, candidates=own, best=best.candidate.id if best else None, note_ids=notes)

    return session.run.once(GENERATION, f"g{index:02d}", Generation, select)


def _announce(session: Session, done: Generation) -> None:
    known = {item.candidate.id: item for item in _standings(session)}
    for name in done.candidates:
        session.on_event(candidate_event(known[name]))
    best = known.get(done.best or "")
    used = spent(session.run, session.started)
    session.on_event(
        GenerationEvent(
            index=done.index,
            best=done.best,
            fitness=best.fitness if best else None,
            progress=best.progress if best else None,
            spent=SpentView(**used.model_dump(include=set(SpentView.model_fields))),
            usage=generation_usage(session.run, done.index),
        )
    )


def candidate_event(standing: Standing) -> CandidateEvent:
    """What became of a candidate."""
    return CandidateEvent(
        id=standing.candidate.id,
        generation=standing.candidate.generation,
        parents=standing.candidate.parents,
        status=standing.status,
        fitness=standing.fitness,
        progress=standing.progress,
        findings=standing.findings,
    )
