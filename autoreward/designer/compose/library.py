"""The library of reward terms that `compose` draws from, built from the field declarations for one task text.

Weights are set against the goal's scale, the size that it reaches in random rollouts: PPO with reward
normalisation sees only the ratios.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from autoreward.designer.compose.complements import costs_for, guides_for
from autoreward.designer.compose.goals import goal_scale, goals_for, plain_goals
from autoreward.designer.compose.ingredients import Ingredient
from autoreward.designer.compose.words import MAIN_AIMS, Aims
from autoreward.records import EnvSpec


@dataclass(frozen=True)
class Library:
    """Everything that one task in one environment offers; each tuple has the likeliest first, `goals` is not empty."""

    goals: tuple[Ingredient, ...]
    guides: tuple[Ingredient, ...]
    costs: tuple[Ingredient, ...]

    def serving(self, aim: str) -> list[Ingredient]:
        """What serves an aim beside the goal."""
        return [one for one in (*self.guides, *self.costs) if one.aim == aim]

    def named(self, names: Sequence[str]) -> Library:
        """The same under names that a person gave: `forward` for the likeliest term with that word, `speed_forward`."""
        called = {one.term.name: one.term.name for one in self.all()}
        for name in (name for name in names if name not in called):
            words = set(name.split("_"))
            meant = (
                old for old, new in called.items() if old == new and old not in names and words <= set(old.split("_"))
            )
            if (likeliest := next(meant, None)) is not None:
                called[likeliest] = name
        goals, guides, costs = (
            tuple(replace(one, term=replace(one.term, name=called[one.term.name])) for one in kind)
            for kind in (self.goals, self.guides, self.costs)
        )
        return Library(goals, guides, costs)

    def all(self) -> tuple[Ingredient, ...]:
        """Goals, guides and costs."""
        return (*self.goals, *self.guides, *self.costs)


def build_library(env: EnvSpec, aims: Aims) -> Library:
    """The terms for one task: goals for its main aim first, then for its other aims, then what is always there."""
    order = [aims.main, *(aim for aim in MAIN_AIMS if aim in aims.aims and aim != aims.main)]
    goals = unique(one for aim in order for one in goals_for(aim, env, aims)) or unique(plain_goals(env, aims))
    scale = goal_scale(goals[0], env, aims)
    return Library(goals, unique(guides_for(env, aims, scale)), unique(costs_for(env, aims, scale)))


def unique(ingredients: Iterable[Ingredient]) -> tuple[Ingredient, ...]:
    """The ingredients in their order, the first of each name."""
    by_name: dict[str, Ingredient] = {}
    for one in ingredients:
        by_name.setdefault(one.term.name, one)
    return tuple(by_name.values())
