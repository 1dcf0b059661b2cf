"""Published methods of reward design as rules of choosing: who is best, what prompts show, from whom one starts.

Each is one implementation of `Selection` (selection.py), named by `design --method`. Everything else, the critic, the
trainer, the metric and the words of the prompts, is the same for all of them, so that a comparison at equal steps and
calls compares the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autoreward.config import Settings
from autoreward.search.methods.archive import Archive
from autoreward.search.methods.eureka import Eureka
from autoreward.search.methods.independent import BestOfN, Text2Reward
from autoreward.search.methods.revolve import Revolve
from autoreward.search.selection import Selection

METHODS: Mapping[str, Callable[[int], Selection]] = {
    "eureka": lambda seed: Eureka(),
    "text2reward": lambda seed: Text2Reward(),
    "revolve": Revolve,
    "random": lambda seed: BestOfN(),
    "archive": Archive,
}


def as_published(settings: Settings) -> Settings:
    """The same settings, where a method says itself how many candidates it asks for: one shot is one."""
    if settings.design.method != "text2reward":
        return settings
    one = settings.design.model_copy(update={"candidates": 1, "generations": 1, "tune_weights": 0})
    return settings.model_copy(update={"design": one})
