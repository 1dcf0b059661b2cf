"""What tests of meaning catch: of 40 rewards that were written for it, and of the rewards of the banks.

    python -m tests.critic.measure_meaning            the 40 rewards of tests/critic/meaning
    python -m tests.critic.measure_meaning banks      the two banks of 60, beside the success that each came to

A reward counts as caught where the critic accepts it without the pairs and refuses it with them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from autoreward.bench.bank.rewards import bank_rewards
from autoreward.bench.bank.stored import bank_folder, read_plan
from autoreward.bench.bank.summary import bank_view
from autoreward.critic import check, check_metric, metric_from_expression
from autoreward.critic.properties import RULE
from autoreward.critic.property_files import read_properties
from autoreward.critic.property_sides import Stage, prepare_tests
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task
from autoreward.records import Verdict
from autoreward.reward.sandbox.sandbox import Sandbox

FOLDER = Path(__file__).with_name("meaning")
TASKS = (
    ("hopper", "jump"),
    ("half_cheetah", "forward"),
    ("ant", "forward"),
    ("inverted_pendulum", "balance"),
    ("reacher", "reach"),
)
BANKS = (("hopper", "forward"), ("half_cheetah", "forward"))
METRICS = {"jump": "max(torso_position[..., 2])"}  # of texts that are no task of the pack
QUARTER = 15  # of 60 rewards


def judge(env: str, task: str, rewards: Sequence[tuple[str, str]], sandbox: Sandbox) -> Mapping[str, Verdict]:
    """The verdict on each reward under the pairs of a task."""
    environment = open_environment(env, None if task in METRICS else task)
    spec = environment.spec
    named = load_task(environment.pack, task).metric if task not in METRICS else None
    code = named.code if named is not None else metric_from_expression(METRICS[task], spec)
    metric = check_metric(code, spec, spec.horizon, sandbox)
    pairs = read_properties(FOLDER / f"{env}_{task}" / "pairs.yaml", env)
    verdicts, tests = prepare_tests(pairs, Stage(environment.pack, spec, sandbox, metric))
    for one in verdicts:
        if one.status == "dropped":
            print(f"{env}/{task}: left out: {one.reason}")
    judged = check(rewards, spec, environment.transitions, sandbox, tests=tests)
    return {one.candidate: one for one in judged}


def written(env: str, task: str) -> list[tuple[str, str]]:
    """The rewards beside the pairs of a task."""
    return [(file.stem, file.read_text()) for file in sorted((FOLDER / f"{env}_{task}").glob("*.py"))]


def caught(verdict: Verdict) -> bool:
    """Whether the pairs, and nothing else, refuse it."""
    errors = {finding.rule for finding in verdict.findings if finding.severity == "error"}
    return errors == {RULE}


def _written_table(sandbox: Sandbox) -> None:
    print("| task | sabotaged, caught | honest, refused |\n|---|---|---|")
    for env, task in TASKS:
        verdicts = judge(env, task, written(env, task), sandbox)
        bad = {name: one for name, one in verdicts.items() if name.startswith("sabotaged")}
        good = {name: one for name, one in verdicts.items() if name.startswith("honest")}
        missed = [name for name, one in bad.items() if not caught(one)]
        refused = [name for name, one in good.items() if one.status != "accepted"]
        print(
            f"| {env}/{task} | {len(bad) - len(missed)} of {len(bad)} {_names(missed, 'not')} "
            f"| {len(refused)} of {len(good)} {_names(refused, '')} |"
        )
        for name in (*missed, *refused):
            for finding in verdicts[name].findings:
                print(f"    {name}: {finding.in_words()}", file=sys.stderr)


def _bank_table(sandbox: Sandbox) -> None:
    print("| bank | worst quarter, caught | next quarter | best half, refused |\n|---|---|---|---|")
    for env, task in BANKS:
        plan = read_plan(bank_folder(env, task))
        assert plan is not None
        rewards = [(one.name, one.source) for one in bank_rewards(open_environment(env, task), task) if one.source]
        verdicts = judge(env, task, rewards, sandbox)
        ranked = [row.reward for row in bank_view(bank_folder(env, task), plan).rows if row.reward in verdicts]
        best, third, worst = ranked[: -2 * QUARTER], ranked[-2 * QUARTER : -QUARTER], ranked[-QUARTER:]
        counts = [sum(caught(verdicts[name]) for name in group) for group in (worst, third, best)]
        refused = [name for name in best if caught(verdicts[name])]
        print(
            f"| {env}/{task} | {counts[0]} of {len(worst)} | {counts[1]} of {len(third)} "
            f"| {counts[2]} of {len(best)} {_names(refused, '')} |"
        )
        for row in bank_view(bank_folder(env, task), plan).rows:
            if row.reward in verdicts:
                errors = [one.message for one in verdicts[row.reward].findings if one.severity == "error"]
                mean = row.fitness.mean if row.fitness else float("nan")
                print(f"    {mean:8.2f} {row.reward}: {len(errors)} {errors[:2]}", file=sys.stderr)


def _names(names: Sequence[str], before: str) -> str:
    return f"({before} {', '.join(names)})".replace("( ", "(") if names else ""


if __name__ == "__main__":
    with Sandbox() as opened:
        _bank_table(opened) if "banks" in sys.argv[1:] else _written_table(opened)
