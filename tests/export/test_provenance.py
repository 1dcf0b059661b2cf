"""What a provenance says of the measurement on fresh seeds."""

from __future__ import annotations

from autoreward.export.provenance import measured_policies
from autoreward.records import BaselineResult, FinalReport, Fitness


def _fitness(mean: float) -> Fitness:
    return Fitness(mean=mean, low=mean - 1, high=mean + 1, seeds=5, episodes=50)


def test_always_the_same_five_policies() -> None:
    report = FinalReport(
        candidate="g02c01", selection=_fitness(4.0), fresh=_fitness(3.0), fresh_progress=None,
        baselines={"sparse": BaselineResult(fitness=_fitness(0.5), progress=None)}, after_generation=2,
    )  # fmt: skip
    means = [(name, fitness and fitness.mean) for name, fitness in measured_policies(report).items()]
    assert means == [("best", 3.0), ("best_as_selected", 4.0), ("human", None), ("sparse", 0.5), ("random", None)]
