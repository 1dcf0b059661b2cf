"""Where nobody said how success is measured, agree on it with a person, before any reward exists.

A language model writes several drafts (metric_drafts.py); the one nearest to the others of the largest cluster is
proposed. Where the drafts mean different things, questions are asked first. A person accepts the proposal, changes it,
or says in words what is wrong; without one it is taken, and that is stored. Every step is an event, so a killed run
goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from autoreward.config import Settings
from autoreward.critic.expression import subtask_of
from autoreward.critic.metric_drafts import screen_subtask
from autoreward.critic.metric_questions import after_answer, best_question, is_unsure, likeliest
from autoreward.critic.metrics import check_metric
from autoreward.designer.metric_drafts import draft_id, parse_questions
from autoreward.designer.prompts import render_questions
from autoreward.errors import UnknownNameError, UsageError
from autoreward.ledger.run import METRIC_CHOSEN, version_key
from autoreward.people.reviewer import MetricReviewer
from autoreward.process_environment import known_secrets
from autoreward.records import (
    DraftVerdict,
    MetricAnswer,
    MetricBrief,
    MetricDraft,
    MetricProposal,
    MetricQuestion,
    MetricQuestions,
    MetricSpec,
    Note,
    Prompt,
    QuestionAnswer,
    Subtask,
)
from autoreward.redaction import redacted
from autoreward.search.asking import LedgerAsker
from autoreward.search.events import METRIC_ANSWER, METRIC_OPTION, METRIC_PROPOSED, METRIC_QUESTIONS
from autoreward.search.metric_clips import film_in_run
from autoreward.search.metric_drafts import Drafting, metric_prompts
from autoreward.search.session import Session
from autoreward.views import EpisodeView, NoteEvent
from autoreward.views.metric import metric_event

STAGE = "asking what success is"


def find_metric(session: Session) -> None:
    """Agree on a metric for a run that has none and needs one, and take it into the session.

    Raises:
        UsageError: no draft can be used; the message says what is wrong with each.
        ModelError: the language model cannot be reached.
    """
    design = session.settings.design
    if session.task.metric is not None or design.select == "people":
        return
    agreement = agreement_of(session, design.metric_drafts, design.metric_questions)
    chosen = agreement.reach(MetricBrief(text=session.task.text, env=session.env))
    session.run.once(METRIC_CHOSEN, "", MetricSpec, lambda: chosen)
    session.take_metric()


def agreement_of(session: Session, drafts: int, questions: int, version: int = 0) -> Agreement:
    """How a run agrees on a version of its metric."""
    drafting = Drafting(session.environment, session.sandbox, LedgerAsker(session, STAGE))
    film = partial(film_in_run, session.clips, drafting)
    return Agreement(drafting, drafts, questions, session.reviewer, session.on_event, film, version)


@dataclass(frozen=True)
class Agreement:
    """How a metric is agreed on.

    Attributes:
        drafts: that are asked for at a time.
        questions: that are asked about an ambiguous text, at most.
        reviewer: the person; None: there is no one to ask.
        tell: gets the events.
        film: draws the episodes that a draft puts first and last.
        version: of the metric: 0 before its first revision.
    """

    drafting: Drafting
    drafts: int
    questions: int
    reviewer: MetricReviewer | None
    tell: Callable[[Any], None]
    film: Callable[[DraftVerdict], tuple[EpisodeView, ...]]
    version: int = 0

    def reach(self, brief: MetricBrief) -> MetricSpec:
        """Propose a metric until one is accepted.

        Raises:
            UsageError: no draft can be used; the message says what is wrong with each.
        """
        asker, round_number = self.drafting.asker, 0
        while True:
            key = f"{version_key(self.version)}metric{round_number}"
            proposal = asker.once(
                METRIC_PROPOSED, key, MetricProposal, partial(self._propose, key, round_number, brief)
            )
            proposal = self._ask_questions(key, round_number, proposal)
            if proposal.verdict is not None:
                self.tell(metric_event(proposal, proposal.verdict.draft, self.film(proposal.verdict)))
            answer = asker.once(METRIC_ANSWER, key, MetricAnswer, partial(self._answer, proposal))
            if answer.verdict != "reworded":
                metric = _agreed(proposed_draft(proposal), answer)
                return metric.model_copy(update={"subtasks": self._subtasks(proposed_draft(proposal))})
            note = Note(id=round_number + 1, text=_said(proposal, answer))
            brief = brief.model_copy(update={"notes": (*brief.notes, note)})
            round_number += 1

    def _propose(self, key: str, round_number: int, brief: MetricBrief) -> MetricProposal:
        first = round_number * self.drafts
        prompts = self.drafting.asker.keep(key, lambda: metric_prompts(brief, self.drafts, first, self.version))
        return self.drafting.propose(key, brief.text, prompts)

    def _subtasks(self, draft: MetricDraft) -> tuple[Subtask, ...]:
        """The parts of the task that can be checked, as programs; of the others it is said why not."""
        env, sandbox, found = self.drafting.environment.spec, self.drafting.sandbox, []
        for name, expression in draft.subtasks:
            try:
                subtask = subtask_of(name, expression, env)
                compiled = check_metric(subtask.code, env, env.horizon, sandbox)
                wrong = screen_subtask(compiled, self.drafting.episodes, sandbox)
            except (UsageError, UnknownNameError) as error:
                wrong = error.message
            if wrong:
                self.tell(NoteEvent(text=f"The subtask {name!r} is left out: {wrong.rstrip('.')}."))
            else:
                found.append(subtask)
        return tuple(found)

    # --- Questions ---

    def _ask_questions(self, key: str, round_number: int, proposal: MetricProposal) -> MetricProposal:
        """The proposal once the questions that tell most about an ambiguous text are answered."""
        asker, left = self.drafting.asker, None
        for number in range(self.questions):
            if not is_unsure(proposal):
                break
            if left is None:
                write = partial(self._write_questions, key, round_number, proposal)
                left = list(asker.once(METRIC_QUESTIONS, key, MetricQuestions, write).questions)
            question = best_question(proposal, left)
            if question is None:
                break
            left.remove(question)
            asked = partial(self._choose, proposal, question)
            answer = asker.once(METRIC_OPTION, f"{key}q{number + 1}", QuestionAnswer, asked)
            proposal = after_answer(proposal, answer)
        return proposal

    def _write_questions(self, key: str, round_number: int, proposal: MetricProposal) -> MetricQuestions:
        """What a model asks about this proposal; nothing where its reply cannot be used."""
        name = draft_id(round_number, self.version).replace("m", "mq")
        asker = self.drafting.asker
        (completion,) = asker.answer(asker.keep(f"{key}q", lambda: [render_questions(proposal, name)])).values()
        return MetricQuestions(questions=parse_questions(completion, [one.draft.id for one in proposal.kept]))

    def _choose(self, proposal: MetricProposal, question: MetricQuestion) -> QuestionAnswer:
        proposed = likeliest(proposal, question)
        if self.reviewer is None:
            said = question.options[proposed].text
            self.tell(NoteEvent(text=f"{question.text} Nobody was there to ask: {said}"))
            return QuestionAnswer(question=question, option=proposed)
        return QuestionAnswer(question=question, option=self.reviewer.choose(question, proposed), by="person")

    # --- The answer ---

    def _answer(self, proposal: MetricProposal) -> MetricAnswer:
        """What a person says to a proposal; it is accepted where nobody can be asked."""
        if proposal.draft is None and self.reviewer is not None:
            problem = _no_draft(proposal)
            words = self.reviewer.reword(f"{problem.message} {problem.remedy}")
            if words:
                return MetricAnswer(verdict="reworded", text=redacted(words, known_secrets()), by="person")
        proposed_draft(proposal)
        if self.reviewer is None:
            return MetricAnswer(verdict="accepted")
        problem_seen = ""
        env, sandbox = self.drafting.environment.spec, self.drafting.sandbox
        while True:
            answer = self.reviewer.confirm(proposal, problem_seen)
            if answer.verdict != "edited":
                return answer.model_copy(update={"text": redacted(answer.text, known_secrets())})
            try:
                check_metric(answer.text, env, env.horizon, sandbox)
                return answer
            except UsageError as error:
                problem_seen = str(error)


def questions_prompts(text: str, settings: Settings) -> list[Prompt]:
    """The prompt that asks for questions about a text, with places for the drafts; none where nothing is asked."""
    if settings.design.metric_questions == 0 or settings.design.metric_drafts < 2:
        return []
    verdicts = tuple(
        DraftVerdict(
            draft=MetricDraft(id=draft_id(number), sentence="(Its sentence stands here.)"),
            status="kept",
            cluster=number,
        )
        for number in range(2)
    )
    proposal = MetricProposal(text=text, verdicts=verdicts, chosen=None, entropy=0.0)
    return [render_questions(proposal, draft_id(0).replace("m", "mq"))]


def proposed_draft(proposal: MetricProposal) -> MetricDraft:
    """The draft that is proposed.

    Raises:
        UsageError: none can be used.
    """
    if proposal.draft is None:
        raise _no_draft(proposal)
    return proposal.draft


def _no_draft(proposal: MetricProposal) -> UsageError:
    """That no draft can be used, with what was wrong with each."""
    verdicts = proposal.verdicts
    reasons = [
        f"{one.draft.id}: {'; '.join(reason.message for reason in one.reasons).rstrip('.')}." for one in verdicts
    ]
    untold = f" What no field of this environment tells: {'; '.join(proposal.missing)}." if proposal.missing else ""
    return UsageError(
        f"None of {len(verdicts)} drafts of a success metric for this text can be used.{untold} {' '.join(reasons)}",
        "Give a metric of your own (--metric FILE|EXPR), or say in the text what can be seen of success.",
    )


def _agreed(draft: MetricDraft, answer: MetricAnswer) -> MetricSpec:
    metric = draft.as_metric()
    return metric.model_copy(update={"code": answer.text}) if answer.verdict == "edited" else metric


def _said(proposal: MetricProposal, answer: MetricAnswer) -> str:
    """What a person said of a proposal, as the next drafts are told it."""
    if proposal.draft is None:
        return f"No draft could be used, and the person said: {answer.text}"
    return f'Of "{proposal.draft.sentence}" the person said: {answer.text}'
