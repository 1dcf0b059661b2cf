"""A rater with eyes: a model that reads images answers the pairs that it is asked about, from frames of both clips.

Its answers are preferences like a person's, marked as a model's. Prompts and replies are events of the run, so a reply
that was paid for is never asked for again, and its cost counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from autoreward.config import ModelSettings, Settings
from autoreward.designer.choose import make_designer
from autoreward.designer.designer import Designer
from autoreward.designer.prompts import render_rating
from autoreward.designer.rater import Seen, parse_rating
from autoreward.environment.clips import ClipMaker
from autoreward.environment.stills import STILL_FORM, read_stills
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.trust import trusted_pack
from autoreward.llm.resolve import choose
from autoreward.llm.usage import worst_case
from autoreward.people.preferences import NAME_LIMIT, keep, make_preference, read_reasons
from autoreward.process_environment import model_environment
from autoreward.records import Completion, Prompt
from autoreward.runs.preferences import pair_to_show
from autoreward.search.budget import check_budget, check_call_fits, check_price_is_known, count_spent
from autoreward.search.clips import episode_of
from autoreward.search.events import CALL_STARTED, PROMPTS, REPLY, CallStarted, PromptSet
from autoreward.search.session import continue_settings
from autoreward.views import PairView, PreferenceView
from autoreward.views.people import preference_part

EYES = "vlm:"  # begins the name of a rater that is a model
Tell = Callable[[PreferenceView], None]


def eyes_name(model: str) -> str:
    """The name that a model rates under: "vlm:openai:gpt-5"."""
    return f"{EYES}{model}".replace("/", ":")[:NAME_LIMIT]


def answer_by_model(folder: Path, model: str, settings: Settings, tell: Tell) -> int:
    """Have a model answer every pair that it is still asked about; how many it answered.

    Args:
        model: provider/model, one that reads images.
        tell: gets each answer when it is stored.

    Raises:
        UsageError: it is no language model, there are no two candidates, or its answer cannot be read.
        RunLockedError: somebody works on the run; its cost is stored by whoever holds the run.
        BudgetReachedError, ModelError, RenderingError, StorageError: see `autoreward.errors`.
    """
    with Run.open(folder, write=True) as run:
        eyes = _Eyes(run, model, continue_settings(run, settings), settings.llm)
        answered = 0
        while (pair := pair_to_show(folder, eyes.name, draw=False)).question is not None:
            tell(eyes.answer(pair))
            answered += 1
        return answered


class _Eyes:
    """One model that looks at the clips of a run that is held."""

    def __init__(self, run: Run, model: str, settings: Settings, llm: ModelSettings) -> None:
        self._run, self._settings, self._started = run, settings, time.monotonic()
        chosen = llm.model_copy(update={"model": model})
        choice = choose(chosen, model_environment()) if model.strip() else None
        if choice is None or not choice.is_llm:
            raise UsageError(f"--rater {EYES}{model}: it is no language model.", "Name one that reads images.")
        check_price_is_known(choice, settings.budget)
        self._model: Designer = make_designer(choice, chosen, model_environment(), run.path)
        self._frames: dict[str, tuple[bytes, ...]] = {}
        self._maker = ClipMaker()
        self.name = eyes_name(choice.name)

    def answer(self, pair: PairView) -> PreferenceView:
        """Look at a pair and store what it says; a reply that is stored already is read."""
        assert pair.question is not None
        left, right = pair.shown
        seen = self._look(pair.question, left, right)
        if seen.verdict is None:
            raise UsageError(
                f"{self._model.name} says nothing of {left} and {right}: {seen.why.rstrip('.')}.",
                "Ask again, or name another model that reads images.",
            )
        given = make_preference(pair.question, self.name, (left, right), seen.verdict)
        facts = {"by": "model", "reasons": read_reasons([seen.why]), "shown": (left, right)}
        stored = keep(self._run, given.model_copy(update=facts))
        part = preference_part(stored).model_dump()
        left_over = max(0, pair.remaining - 1)
        return PreferenceView.model_validate({**part, "run": self._run.id, "status": "stored", "remaining": left_over})

    def _look(self, question: str, left: str, right: str) -> Seen:
        """What the last stored reply says; else that of a new one, which has a number of its own."""
        asked = [event.record(Completion) for event in self._run.events(REPLY) if event.key.startswith(f"{question}#")]
        if asked and (seen := parse_rating(asked[-1])).verdict is not None:
            return seen
        key = f"{question}#{len(asked)}"
        frames = (self._stills(left), self._stills(right))
        write = partial(render_rating, self._run.task.text, frames, key)
        (prompt,) = self._run.once(PROMPTS, key, PromptSet, lambda: PromptSet(prompts=(write(),))).prompts
        return parse_rating(self._run.once(REPLY, key, Completion, partial(self._call, prompt)))

    def _call(self, prompt: Prompt) -> Completion:
        spent, budget = count_spent(self._run, self._started), self._settings.budget
        worst = worst_case(self._model.name, prompt.messages, self._settings.llm.max_output_tokens)
        check_budget(spent, budget)
        check_call_fits(spent, worst, budget)
        self._run.append(CALL_STARTED, prompt.id, CallStarted(paid=True))
        return self._model.complete(prompt)

    def _stills(self, candidate: str) -> tuple[bytes, ...]:
        if candidate not in self._frames:
            movement: Any = episode_of(self._run, candidate, "first", None)[1]
            packet = self._maker.draw(trusted_pack(self._run), movement, STILL_FORM)
            self._frames[candidate] = read_stills(packet)
        return self._frames[candidate]
