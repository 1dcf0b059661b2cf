"""Policies that a training kept, put into a population again and measured anew: nothing is learned."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.recordings import MemberRecording
from autoreward.records import MemberResult, TrainingJob
from autoreward.trainer.population import policy
from autoreward.trainer.population.candidate_members import unweighted_terms
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.measurement import Measurement
from autoreward.trainer.population.reward_functions import make_reward


def stack_policies(policies: Sequence[MemberRecording]) -> policy.Actor:
    """The policies of recordings as those of a population [M]; how much they explored is not kept, and not needed."""

    def stacked(name: str) -> NDArray[Any]:
        return np.stack([one.policy[name] for one in policies])

    depth = sum(name.startswith("weights_") for name in policies[0].policy)
    layers = tuple((stacked(f"weights_{index}"), stacked(f"bias_{index}")) for index in range(depth))
    mean = stacked("observation_mean")
    stats = policy.RunningStats(mean, stacked("observation_var"), np.ones(len(mean), np.float32))
    return policy.Actor(layers, np.zeros_like(layers[-1][1]), stats)


def replayed(
    job: TrainingJob, measurement: Measurement, policies: Sequence[MemberRecording], gamma: float, guard: Guard
) -> tuple[list[MemberResult], list[MemberRecording]]:
    """What policies came to, and the recordings of their evaluation.

    Args:
        job: with the reward of each candidate, whose terms are recorded along trajectories.
        policies: in the order of their slots; those of one candidate stand together.
    """
    members = [measurement.measure_member(one.candidate, one.seed, slot) for slot, one in enumerate(policies)]
    recordings: list[MemberRecording] = []
    for name in dict.fromkeys(one.candidate for one in policies):
        with guard.stage("recording", name):
            reward = make_reward(job.rewards[name], gamma)
            slots = [slot for slot, one in enumerate(policies) if one.candidate == name]
            bare = [MemberRecording(name, policies[slot].seed, reward.term_names) for slot in slots]
            recordings += measurement.record(bare, slots[0], partial(unweighted_terms, reward))
    return members, recordings
