"""Which of the trained policies is exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autoreward.export.policy_file import best_policy, package_name, policy_facts
from autoreward.recordings import MemberRecording, Recordings, unflatten
from autoreward.records import MemberResult


def member(seed: int, success: float | None, progress: float, status: str = "trained") -> MemberResult:
    facts = {"candidate": "g01c02", "seed": seed, "status": status, "success": success, "progress": progress}
    return MemberResult.model_validate(facts)


def kept(*seeds: int) -> Recordings:
    return unflatten({f"g01c02/{seed}/policy/bias_0": np.float32([seed]) for seed in seeds}, {})


def test_the_best_seed_by_success_then_progress() -> None:
    members = [member(0, 1.0, 0.2), member(1, 1.0, 0.5), member(2, 0.5, 0.9), member(10_000, 3.0, 1.0, "failed")]
    best = best_policy(members, (*kept(0, 1, 2, 10_000), MemberRecording("g01c02", 3)))
    assert best is not None and best.member.seed == 1
    assert list(best.arrays) == ["bias_0"] and best.arrays["bias_0"][0] == 1.0
    facts = policy_facts(best)
    assert facts is not None and facts["seed"] == 1 and "3 seeds" in facts["chosen"]


def test_only_policies_that_were_kept() -> None:
    best = best_policy([member(0, 1.0, 0.0), member(1, 2.0, 0.0)], kept(0))
    assert best is not None and best.member.seed == 0
    assert best_policy([member(0, 1.0, 0.0)], ()) is None
    assert policy_facts(None) is None


def test_a_task_without_a_metric_goes_by_own_return() -> None:
    members = [
        MemberResult(candidate="g01c02", seed=0, status="trained", own_return=1.0),
        MemberResult(candidate="g01c02", seed=1, status="trained", own_return=2.0),
    ]
    best = best_policy(members, kept(0, 1))
    assert best is not None and best.member.seed == 1


def test_the_folder_as_an_import_names_it() -> None:
    assert package_name(Path("/a/hopper_run")) == "hopper_run"
    assert package_name(Path("/a/2 hops")) == "best_reward"
