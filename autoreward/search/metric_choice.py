"""Where nobody said how success is measured, find it out from the text, before any reward exists.

A language model writes several drafts. Each is checked like a reward, scored on episodes that nobody designed, and
clustered by how it orders them; the one nearest to the others of the largest cluster is proposed. A person accepts it,
changes it, or says in words what is wrong; without one it is taken, and that is stored. Every step is an event, so a
killed run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from autoreward.critic.metric_drafts import compile_drafts, judge_drafts
from autoreward.critic.metric_questions import after_answer, best_question, is_unsure, likeliest
from autoreward.critic.metrics import check_metric
from autoreward.designer.metric_drafts import draft_id, parse_metric_draft, parse_questions
from autoreward.designer.prompts import render_metric, render_questions, render_repair
from autoreward.environment.environment import Environment
from autoreward.environment.undirected import undirected_episodes
from autoreward.errors import UsageError
from autoreward.ledger.run import METRIC_CHOSEN
from autoreward.records import (
    Brief,
    Candidate,
    Completion,
    EnvSpec,
    Finding,
    MetricAnswer,
    MetricDraft,
    MetricProposal,
    MetricQuestion,
    MetricQuestions,
    MetricSpec,
    Note,
    Prompt,
    QuestionAnswer,
)
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.candidates import ask_all
from autoreward.search.events import (
    METRIC_ANSWER,
    METRIC_OPTION,
    METRIC_PROPOSED,
    METRIC_QUESTIONS,
    PROMPTS,
    PromptSet,
)
from autoreward.search.session import Session
from autoreward.views import NoteEvent
from autoreward.views.metric import metric_event

STAGE = "asking what success is"


def find_metric(session: Session) -> None:
    """Agree on a metric for a run that has none, and take it into the session.

    Raises:
        UsageError: no draft can be used; the message says what is wrong with each.
        ModelError: the language model cannot be reached.
    """
    run = session.run
    attempt = 0
    while session.task.metric is None:
        key = f"metric{attempt}"
        proposal = run.once(METRIC_PROPOSED, key, MetricProposal, partial(_propose, session, attempt))
        proposed_draft(proposal)
        proposal = _ask_questions(session, attempt, proposal)
        draft = proposed_draft(proposal)
        session.on_event(metric_event(proposal, draft))
        answer = run.once(METRIC_ANSWER, key, MetricAnswer, partial(_answer, session, proposal))
        attempt += 1
        if answer.verdict != "reworded":
            chosen = _agreed(draft, answer)
            run.once(METRIC_CHOSEN, "", MetricSpec, partial(_same, chosen))
            session.take_metric()


def metric_prompts(text: str, env: EnvSpec, count: int, first: int = 0, notes: Sequence[Note] = ()) -> list[Prompt]:
    """The prompts that ask for so many drafts.

    Args:
        first: the number of the first draft.
        notes: what a person said of earlier proposals.
    """
    briefs = (
        Brief(text=text, env=env, generation=0, slot=slot, candidates=count, seed=0, notes=tuple(notes))
        for slot in range(first, first + count)
    )
    return [render_metric(brief, draft_id(brief.slot)) for brief in briefs]


def _same(metric: MetricSpec) -> MetricSpec:
    return metric


# --- Drafts -----------------------------------------------------------------------------------------------

AskRound = Callable[[str, Callable[[], PromptSet]], tuple[Sequence[Prompt], Mapping[str, Completion]]]
"""Asks the prompts of a round (its name, and what makes them); gives them and a completion for each, by prompt id."""


@dataclass(frozen=True)
class Drafting:
    """What drafts of a metric are made for and checked with.

    Args:
        count: drafts.
        ask: asks a language model.
    """

    text: str
    environment: Environment
    sandbox: Sandbox
    count: int
    ask: AskRound

    def propose(self, attempt: int = 0, notes: Sequence[Note] = ()) -> MetricProposal:
        """One round of drafts; each that is refused goes back once with its finding.

        Args:
            attempt: of the rounds; ids go on from one to the next.
            notes: what a person said of the proposals before.
        """
        env, key = self.environment.spec, f"metric{attempt}"
        first = attempt * self.count

        def write() -> PromptSet:
            return PromptSet(prompts=tuple(metric_prompts(self.text, env, self.count, first, notes)))

        prompts, completions = self.ask(key, write)
        drafts = _read(completions)
        compiled = compile_drafts(drafts, env, self.sandbox)
        refused = {one.id: one for one in drafts if isinstance(compiled[one.id], Finding) and one.source}
        if refused:
            _, again = self.ask(f"{key}r1", lambda: _repairs(prompts, refused, compiled))
            mended = {draft.id: draft for draft in _read(again) if draft.source}
            drafts = [_mended(draft, mended.get(draft.id)) for draft in drafts]
            compiled |= compile_drafts([draft for draft in drafts if draft.id in mended], env, self.sandbox)
        episodes = undirected_episodes(self.environment.pack)
        return judge_drafts(self.text, drafts, compiled, episodes, self.sandbox)


def _propose(session: Session, attempt: int) -> MetricProposal:
    def ask(key: str, write: Callable[[], PromptSet]) -> tuple[Sequence[Prompt], Mapping[str, Completion]]:
        prompts = session.run.once(PROMPTS, key, PromptSet, write).prompts
        return prompts, ask_all(session, prompts, STAGE, "drafts")

    count = session.settings.design.metric_drafts
    drafting = Drafting(session.task.text, session.environment, session.sandbox, count, ask)
    return drafting.propose(attempt, _said(session, attempt))


def _read(completions: Mapping[str, Completion]) -> list[MetricDraft]:
    return [parse_metric_draft(one, name.partition("r")[0]) for name, one in completions.items()]


def _mended(draft: MetricDraft, again: MetricDraft | None) -> MetricDraft:
    """A repair mends the program; what it means stays what was said first, where that was said."""
    if again is None:
        return draft
    return draft.model_copy(update={"source": again.source, "sentence": draft.sentence or again.sentence})


def _repairs(
    prompts: Sequence[Prompt], refused: Mapping[str, MetricDraft], compiled: Mapping[str, object]
) -> PromptSet:
    repairs = []
    for prompt in prompts:
        if prompt.id in refused:
            source = refused[prompt.id].source
            candidate = Candidate(id=prompt.id, generation=0, parents=(), source=source, designer="")
            finding = compiled[prompt.id]
            assert isinstance(finding, Finding)
            repairs.append(render_repair(prompt, candidate, [finding]))
    return PromptSet(prompts=tuple(repairs))


def _said(session: Session, attempt: int) -> list[Note]:
    """What a person said of the proposals before this attempt."""
    notes = []
    for number in range(attempt):
        proposal = session.run.get(METRIC_PROPOSED, f"metric{number}", MetricProposal)
        answer = session.run.get(METRIC_ANSWER, f"metric{number}", MetricAnswer)
        if proposal is not None and proposal.draft is not None and answer is not None:
            text = f'Of "{proposal.draft.sentence}" the person said: {answer.text}'
            notes.append(Note(id=number + 1, text=text))
    return notes


# --- Questions ---------------------------------------------------------------------------------------------


def _ask_questions(session: Session, attempt: int, proposal: MetricProposal) -> MetricProposal:
    """The proposal once the questions that tell most about an ambiguous text are answered."""
    key, run = f"metric{attempt}", session.run
    open_questions: list[MetricQuestion] | None = None
    for number in range(session.settings.design.metric_questions):
        if not is_unsure(proposal):
            break
        if open_questions is None:
            written = run.once(METRIC_QUESTIONS, key, MetricQuestions, partial(_questions, session, attempt, proposal))
            open_questions = list(written.questions)
        question = best_question(proposal, open_questions)
        if question is None:
            break
        open_questions.remove(question)
        asked = partial(_choose, session, proposal, question)
        answer = run.once(METRIC_OPTION, f"{key}q{number + 1}", QuestionAnswer, asked)
        proposal = after_answer(proposal, question, answer.question.options[answer.option])
    return proposal


def _questions(session: Session, attempt: int, proposal: MetricProposal) -> MetricQuestions:
    """What a model asks about this proposal; nothing where its reply cannot be used."""

    def write() -> PromptSet:
        brief = Brief(
            text=session.task.text, env=session.env, generation=0, slot=0, candidates=1, seed=0
        )  # fmt: skip
        return PromptSet(prompts=(render_questions(brief, proposal, f"mq{attempt + 1:02d}"),))

    prompts = session.run.once(PROMPTS, f"metric{attempt}q", PromptSet, write).prompts
    (completion,) = ask_all(session, prompts, STAGE, "questions").values()
    return MetricQuestions(questions=parse_questions(completion, [one.draft.id for one in proposal.kept]))


def _choose(session: Session, proposal: MetricProposal, question: MetricQuestion) -> QuestionAnswer:
    proposed = likeliest(proposal, question)
    if session.reviewer is None:
        said = question.options[proposed].text
        session.on_event(NoteEvent(text=f"{question.text} Nobody was there to ask: {said}"))
        return QuestionAnswer(question=question, option=proposed)
    return QuestionAnswer(question=question, option=session.reviewer.choose(question, proposed), by="person")


# --- The answer -------------------------------------------------------------------------------------------


def proposed_draft(proposal: MetricProposal) -> MetricDraft:
    """The draft that is proposed.

    Raises:
        UsageError: none can be used.
    """
    if proposal.draft is None:
        verdicts = proposal.verdicts
        reasons = (f"{one.draft.id}: {'; '.join(reason.message for reason in one.reasons)}." for one in verdicts)
        raise UsageError(
            f"None of {len(verdicts)} drafts of a success metric for this text can be used. {' '.join(reasons)}",
            "Give a metric of your own (--metric FILE|EXPR), or say in the text what can be seen of success.",
        )
    return proposal.draft


def _answer(session: Session, proposal: MetricProposal) -> MetricAnswer:
    """What a person says to a proposal; it is accepted where nobody can be asked."""
    if session.reviewer is None:
        return MetricAnswer(verdict="accepted")
    problem = ""
    while True:
        answer = session.reviewer.confirm(proposal, problem)
        if answer.verdict != "edited":
            return answer
        try:
            check_metric(answer.text, session.env, session.env.horizon, session.sandbox)
            return answer
        except UsageError as error:
            problem = str(error)


def _agreed(draft: MetricDraft, answer: MetricAnswer) -> MetricSpec:
    metric = draft.as_metric()
    return metric.model_copy(update={"code": answer.text}) if answer.verdict == "edited" else metric
