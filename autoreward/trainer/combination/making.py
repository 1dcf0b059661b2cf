"""Which combination a candidate's members have."""

from __future__ import annotations

from autoreward.records import CombinationSpec, RewardSpec
from autoreward.trainer.combination.adaptive import AdaptiveWeights
from autoreward.trainer.combination.aligned import AddedProgress, AlignedWeights
from autoreward.trainer.combination.combination import Combination, FixedWeights
from autoreward.trainer.combination.constrained import Constrained
from autoreward.trainer.combination.episodic import EpisodicWeights
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.combination.ranked import RankedWeights


def make_combination(spec: RewardSpec, subject: Subject) -> Combination:
    """The combination that a specification asks for, with what its requirements charge."""
    inner = _of_terms(spec.combination, subject)
    if spec.requirements is None:
        return inner
    return Constrained(inner, len(subject.term_names), len(subject.seeds), spec.requirements.items)


def _of_terms(combination: CombinationSpec, subject: Subject) -> Combination:
    if combination.kind == "episodic":
        return EpisodicWeights(subject, combination.model == "network")
    if combination.kind == "ranked":
        return RankedWeights(subject, combination.rank, combination.model == "network")
    if combination.kind == "aligned":
        return AlignedWeights(subject)
    if combination.kind == "added":
        return AddedProgress(subject)
    if combination.adapt:
        return AdaptiveWeights(subject)
    return FixedWeights(subject.weights, len(subject.seeds))
