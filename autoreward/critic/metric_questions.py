"""Which question about a text is worth asking: the one whose answer tells most of what the drafts of its metric mean.

Source: expected information gain over clusters of readings, as in Lindley 1956, "On a measure of the information
provided by an experiment".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autoreward.critic.metric_drafts import entropy_of, propose
from autoreward.records import DraftVerdict, Finding, MetricProposal, MetricQuestion, QuestionAnswer

UNSURE = 0.5  # [nat] of entropy from which a question is worth a person's time
LEAST_GAIN = 0.05  # [nat] that a question must be expected to tell


def is_unsure(proposal: MetricProposal) -> bool:
    """Whether the drafts mean so different things that it is worth asking."""
    return proposal.entropy > UNSURE


def best_question(proposal: MetricProposal, questions: Sequence[MetricQuestion]) -> MetricQuestion | None:
    """The question with the largest expected drop of entropy; None where none tells anything."""
    gains = [expected_gain(proposal, question) for question in questions]
    best = max(range(len(gains)), key=gains.__getitem__, default=None)
    return None if best is None or gains[best] < LEAST_GAIN else questions[best]


def expected_gain(proposal: MetricProposal, question: MetricQuestion) -> float:
    """Entropy of the clusters now, less what is left on average once the question is answered [nat].

    Each draft stands for an equal share of what the person may mean; a draft that several answers name is divided
    among them, and one that none names is excluded by every answer.
    """
    clusters = {one.draft.id: one.cluster or 0 for one in proposal.kept}
    named = [len([option for option in question.options if name in option.drafts]) for name in clusters]
    total = sum(1 for count in named if count)
    if total == 0:
        return 0.0
    left = 0.0
    for option in question.options:
        members = [name for name in clusters if name in option.drafts]
        share = sum(1.0 / count for name, count in zip(clusters, named, strict=True) if name in members) / total
        left += share * entropy_of([clusters[name] for name in members]) if members else 0.0
    return proposal.entropy - left


def likeliest(proposal: MetricProposal, question: MetricQuestion) -> int:
    """The answer that most drafts give; the first of several."""
    kept = {one.draft.id for one in proposal.kept}
    counts = [len(kept & set(option.drafts)) for option in question.options]
    return counts.index(max(counts))


def after_answer(proposal: MetricProposal, answer: QuestionAnswer) -> MetricProposal:
    """The proposal among the drafts that measure what was answered; the same where none does."""
    question, option = answer.question, answer.question.options[answer.option]
    names = [one.draft.id for one in proposal.kept]
    stay = [index for index, name in enumerate(names) if name in option.drafts]
    if not stay:
        return proposal
    assumed = f'"{question.text}" was put to nobody; assumed: {option.text}'
    said = f'"{question.text}" was answered: {option.text}' if answer.by == "person" else assumed
    reason = Finding(rule="metric.answer", severity="error", message=said)
    left = {names[index] for index in stay}
    verdicts = [
        one if one.status != "kept" or one.draft.id in left else _dropped(one, reason) for one in proposal.verdicts
    ]
    distances = np.asarray(proposal.distances).reshape(len(names), len(names))[np.ix_(stay, stay)]
    narrowed = propose(proposal.text, verdicts, distances)
    before = proposal.entropy if proposal.entropy_before is None else proposal.entropy_before
    if answer.by == "person":
        return narrowed.model_copy(update={"assumed": proposal.assumed, "entropy_before": proposal.entropy_before})
    return narrowed.model_copy(update={"assumed": (*proposal.assumed, assumed), "entropy_before": before})


def _dropped(verdict: DraftVerdict, reason: Finding) -> DraftVerdict:
    return verdict.model_copy(update={"status": "dropped", "reasons": (*verdict.reasons, reason), "cluster": None})
