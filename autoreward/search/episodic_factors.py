"""The first program of a search whose weights are learned from episodes: drafts, one summary of them, and its repairs.

"factors"      PROMPTS    of the drafts: "f01", "f02", ...
"f01"          REPLY
"factors.one"  PROMPTS    of the summary, whose id is that of the candidate
"g00c00"       REPLY, CANDIDATE, VERDICT; "g00c00r1" ... the repairs, after the critic has run it on random transitions

Source: Qu et al. 2025, "Latent Reward: LLM-Empowered Credit Assignment in Episodic RL", arXiv:2412.11120, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.config import DesignSettings
from autoreward.designer.parse import find_program
from autoreward.designer.prompts import render_factors, render_factors_summary
from autoreward.records import Brief, Prompt, Verdict
from autoreward.search.asking import LedgerAsker
from autoreward.search.candidates import write_and_check
from autoreward.search.session import Session

KEY = "factors"
REPAIRS = 5  # of the summary
STAGE = "drafting factors"


def wants_factors(design: DesignSettings, is_llm: bool, generation: int, given: int) -> bool:
    """Whether the next slot of a generation is for a program that is made of drafts.

    Args:
        given: candidates of the generation that nobody is asked for.
    """
    drafts = design.factor_drafts if design.combine == "episodic" and is_llm else 0
    return bool(drafts) and generation == 0 and given < design.candidates


def factor_prompts(brief: Brief, count: int) -> list[Prompt]:
    """The prompts that ask for so many drafts."""
    return [render_factors(brief, f"f{number + 1:02d}") for number in range(count)]


def write_factors(session: Session, brief: Brief) -> dict[str, Verdict]:
    """The candidate that is made of drafts, with the verdict on its last attempt, by its id.

    Args:
        brief: of its slot.
    """
    asker, count = LedgerAsker(session, STAGE), session.settings.design.factor_drafts
    prompts = asker.keep(KEY, lambda: factor_prompts(brief, count))
    replies = asker.answer(prompts)
    programs = [find_program(replies[prompt.id].text) for prompt in prompts]
    drafts = [program for program in programs if program]
    if not drafts:
        session.report_once(f"None of {count} drafts of factors holds a program: one is asked for without them.")
    summary = asker.keep(f"{KEY}.one", lambda: [_summary(brief, drafts)])
    return write_and_check(session, summary, REPAIRS)


def _summary(brief: Brief, drafts: Sequence[str]) -> Prompt:
    return render_factors_summary(brief, drafts, f"g{brief.generation:02d}c{brief.slot:02d}")
