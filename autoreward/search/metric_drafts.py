"""Drafts of a success metric: asked for, checked like rewards, and judged on episodes that nobody designed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from autoreward.critic.metric_drafts import compile_drafts, judge_drafts
from autoreward.designer.metric_drafts import draft_id, parse_metric_draft
from autoreward.designer.prompts import render_metric
from autoreward.environment.environment import Environment
from autoreward.environment.undirected import UndirectedEpisodes, undirected_episodes
from autoreward.records import (
    CompiledMetric,
    Completion,
    Finding,
    MetricBrief,
    MetricDraft,
    MetricProposal,
    Prompt,
)
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.repairing import Asker, Attempt, no_program, write_and_repair

REPAIRS = 1  # times that a refused draft goes back


def metric_prompts(brief: MetricBrief, count: int, first: int = 0, version: int = 0) -> list[Prompt]:
    """The prompts that ask for so many drafts.

    Args:
        first: the number of the first draft.
        version: of the metric: 0 before its first revision.
    """
    return [render_metric(brief, draft_id(number, version)) for number in range(first, first + count)]


@dataclass(frozen=True)
class Drafting:
    """Where drafts of a metric are tried, and who is asked for them."""

    environment: Environment
    sandbox: Sandbox
    asker: Asker

    @cached_property
    def episodes(self) -> UndirectedEpisodes:
        """What every draft is tried on."""
        return undirected_episodes(self.environment.pack)

    def propose(self, key: str, text: str, prompts: Sequence[Prompt]) -> MetricProposal:
        """Ask for drafts, have what is refused mended once, and judge them."""
        drafts: dict[str, MetricDraft] = {}
        compiled: dict[str, CompiledMetric | Finding] = {}

        def read(asked: Sequence[Prompt], replies: Mapping[str, Completion], number: int) -> dict[str, Attempt]:
            for prompt in asked:
                self._read(replies[prompt.id], prompt.id.partition("r")[0], drafts, compiled)
            written = [draft for draft in drafts.values() if draft.source and draft.id not in compiled]
            compiled.update(compile_drafts(written, self.environment.spec, self.sandbox))
            return {prompt.id: _attempt(prompt.id.partition("r")[0], drafts, compiled) for prompt in asked}

        write_and_repair(self.asker, key, prompts, REPAIRS, read)
        return judge_drafts(text, list(drafts.values()), compiled, self.episodes, self.sandbox)

    def _read(
        self,
        reply: Completion,
        name: str,
        drafts: dict[str, MetricDraft],
        compiled: dict[str, CompiledMetric | Finding],
    ) -> None:
        """Take one reply up; a repair that holds no program changes nothing."""
        draft, before = parse_metric_draft(reply, name), drafts.get(name)
        if draft.source or before is None:
            drafts[name] = draft if before is None else _mended(before, draft)
            compiled.pop(name, None)
        if not drafts[name].source:
            compiled[name] = no_program(name, reply, "a metric")


def _mended(before: MetricDraft, draft: MetricDraft) -> MetricDraft:
    """A repair mends the program; what it means stays what was said first, where that was said."""
    if not before.sentence:
        return draft
    return before.model_copy(update={"source": draft.source})


def _attempt(name: str, drafts: Mapping[str, MetricDraft], compiled: Mapping[str, CompiledMetric | Finding]) -> Attempt:
    found = compiled[name]
    refused = isinstance(found, Finding)
    return Attempt(drafts[name].source, refused, (found,) if isinstance(found, Finding) else ())
