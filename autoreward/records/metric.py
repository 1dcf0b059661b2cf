"""The success metric from words: drafts, what was found of each, and the one that is proposed."""

from __future__ import annotations

from typing import Literal

from autoreward.records.candidate import Finding, Note
from autoreward.records.properties import Coordinate
from autoreward.records.record import Record
from autoreward.records.task import EnvSpec, MetricSpec


class MetricDraft(Record):
    """One reading of a task's text: what would count as success, in a sentence and as a program."""

    id: str  # "m01"
    sentence: str  # what counts, in words: the only part that a designer may see, with unit and reference
    unit: str = "1"
    reference: float | None = None  # the success from which the task counts as done
    source: str = ""  # `success(trajectory, params)`; "" where the reply holds no program
    missing: str = ""  # what the text asks for and no field tells, in words
    subtasks: tuple[tuple[str, str], ...] = ()  # names, and what is true where they are done: an expression over fields

    def as_metric(self) -> MetricSpec:
        """The metric that a run is measured by once this draft is accepted."""
        return MetricSpec(
            origin="model", code=self.source, meaning=self.sentence, unit=self.unit, reference=self.reference
        )


class MetricBrief(Record):
    """All that whoever writes a metric is told."""

    text: str
    env: EnvSpec
    notes: tuple[Note, ...] = ()  # what a person said of the proposals before
    before: MetricSpec | None = None  # the metric that is to be revised; None: there is none yet
    wrong: str = ""  # what is wrong with it, in words
    evidence: str = ""  # what the best policy under it does


class PropertyBrief(Record):
    """All that whoever writes pairs is told."""

    text: str
    env: EnvSpec
    meaning: str = ""  # what counts as success, in words; "" where that is not known yet
    coordinates: tuple[Coordinate, ...]
    count: int  # pairs that are asked for


class ShownEpisode(Record):
    """One of the episodes that nobody designed, as a draft measures it."""

    label: Literal["best", "worst"]  # by this draft
    episode: int  # its place among them
    way: str  # "random", "motionless", "held", "thrown", "carried"
    success: float
    progress: float


class DraftVerdict(Record):
    """What became of a draft before anything was trained."""

    draft: MetricDraft
    # refused: the critic does not let it run; dropped: undirected episodes show that it measures something else
    status: Literal["kept", "refused", "dropped"]
    reasons: tuple[Finding, ...] = ()
    cluster: int | None = None  # of kept drafts: those of one cluster order the episodes alike; 0 is the largest
    shown: tuple[ShownEpisode, ...] = ()  # of kept drafts


class MetricProposal(Record):
    """The metric that is proposed for a text, beside all drafts it was chosen from."""

    text: str
    verdicts: tuple[DraftVerdict, ...]
    chosen: str | None  # the draft nearest to the others of the largest cluster; None: no draft was kept
    entropy: float  # of the clusters' shares [nat]: 0 where all drafts agree
    assumed: tuple[str, ...] = ()  # answers that nobody gave, because nobody was there: the likeliest ones
    entropy_before: float | None = None  # before those answers; None: there are none
    distances: tuple[tuple[float, ...], ...] = ()  # 1 - Kendall's tau between every two kept drafts, in their order

    @property
    def kept(self) -> tuple[DraftVerdict, ...]:
        """The drafts that can be used."""
        return tuple(one for one in self.verdicts if one.status == "kept")

    @property
    def draft(self) -> MetricDraft | None:
        """The draft that is proposed."""
        return self.verdict.draft if self.verdict else None

    @property
    def verdict(self) -> DraftVerdict | None:
        """The verdict on the draft that is proposed."""
        return next((one for one in self.verdicts if one.draft.id == self.chosen), None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the text asks for and no field tells, where at least half of the drafts say so."""
        said = [one.draft.missing for one in self.verdicts if one.draft.missing]
        return tuple(dict.fromkeys(said)) if 2 * len(said) >= len(self.verdicts) else ()


class QuestionOption(Record):
    """One answer to a question about the text, and the drafts that measure what it says."""

    text: str
    drafts: tuple[str, ...]


class MetricQuestion(Record):
    """A question about what a text means, whose answers tell drafts apart."""

    text: str
    options: tuple[QuestionOption, ...]


class MetricQuestions(Record):
    """The questions that a model wrote about one proposal."""

    questions: tuple[MetricQuestion, ...] = ()


class QuestionAnswer(Record):
    """What was answered to a question."""

    question: MetricQuestion
    option: int
    by: Literal["person", "nobody"] = "nobody"  # nobody: there was no one to ask, the likeliest answer was taken


class MetricAnswer(Record):
    """What became of a proposal."""

    verdict: Literal["accepted", "edited", "reworded"]
    text: str = ""  # edited: the program; reworded: what is wrong, in words
    by: Literal["person", "nobody"] = "nobody"  # nobody: there was no one to ask


class MetricRevision(Record):
    """What a person finds wrong with the metric of a run, and who is to mend it."""

    wrong: str
    designer: str  # "openai/gpt-5"
    base_url: str | None = None
    after: str = ""  # "g00": the answer to what was asked after that generation; "": said by itself
