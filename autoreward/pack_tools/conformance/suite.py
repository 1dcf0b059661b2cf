"""The contract of an environment pack, as checks that anyone runs with one line.

Every finding says which pack, which function, what came and what was expected. See `envs/half_cheetah/pack.py` for a
pack with everything in it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import yaml

from autoreward.critic import check, check_metric
from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import human_reward, load_task, task_names
from autoreward.environment.vector_env import VectorEnv
from autoreward.errors import AutorewardError
from autoreward.pack_tools.conformance.episode_checks import check_episodes
from autoreward.pack_tools.conformance.function_checks import FUNCTION_CHECKS, Check
from autoreward.pack_tools.conformance.metric_checks import check_early_end
from autoreward.pack_tools.conformance.subject import Broken, Subject, error, prepare_subject, warning
from autoreward.records import Finding
from autoreward.reward.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class PackReport:
    """What the suite found; a pack without a finding of severity "error" has passed."""

    env: str
    findings: tuple[Finding, ...]
    tasks: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the pack can be used."""
        return not any(finding.severity == "error" for finding in self.findings)


def check_pack(env: str) -> PackReport:
    """Check a pack against the contract.

    Args:
        env: the name of an environment, or the path of a pack's folder.

    Raises:
        UnknownNameError: there is no such environment.
    """
    began = time.monotonic()
    findings: list[Finding] = []
    tasks: tuple[str, ...] = ()
    try:
        pack = load_pack(env)
        tasks = tuple(task_names(pack))
        with np.errstate(all="ignore"):  # what is not finite becomes a finding
            for finding in _findings(env, pack):
                if finding not in findings:
                    findings.append(finding)
    except Broken as broken:
        findings.append(broken.finding)
    except AutorewardError as failure:
        if failure.exit_code == 2:  # a wrong name is the caller's mistake, not the pack's
            raise
        findings.append(Finding(rule="pack.load", severity="error", message=failure.message, remedy=failure.remedy))
    return PackReport(env, tuple(findings), tasks, time.monotonic() - began)


def _findings(env: str, pack: Pack) -> Iterator[Finding]:
    """Whatever fails early hides what would only fail because of it."""
    subject = prepare_subject(pack)
    function_findings = [finding for one in FUNCTION_CHECKS for finding in _guarded(subject, one)]
    yield from function_findings
    if any(finding.severity == "error" for finding in function_findings):
        return
    VectorEnv(subject.pack, 1)  # control period and action range
    episode_findings = list(check_episodes(subject))
    yield from episode_findings
    if not any(finding.severity == "error" for finding in episode_findings):
        yield from _task_findings(env, pack)


def _guarded(subject: Subject, one: Check) -> Iterator[Finding]:
    try:
        yield from one(subject)
    except AutorewardError as failure:
        yield Finding(rule="pack.raised", severity="error", message=failure.message, remedy=failure.remedy)


def _task_findings(env: str, pack: Pack) -> Iterator[Finding]:
    if not task_names(pack):
        remedy = "Add tasks/NAME/task.yaml and metric.py, or always give a text with --metric."
        yield warning(pack, "tasks", "it has no task, so nothing says how success is measured", remedy)
        return
    with Sandbox() as sandbox:
        for name in task_names(pack):
            yield from _of_task(env, pack, name, sandbox)


def _of_task(env: str, pack: Pack, name: str, sandbox: Sandbox) -> Iterator[Finding]:
    """The task as it is run: with its own horizon and termination."""
    try:
        environment = open_environment(env, name)
        task = load_task(pack, name)
        assert task.metric is not None  # a task of a pack has one
        metric = check_metric(task.metric.code, environment.spec, environment.spec.horizon, sandbox)
    except AutorewardError as failure:
        yield error(pack, "metric", f"task {name}: {failure.message}", failure.remedy)
        return
    except yaml.YAMLError as failure:
        seen = str(failure).replace("\n", " ")
        yield error(pack, "metric", f"task {name}: task.yaml is not YAML: {seen}", "Put texts into double quotes.")
        return
    yield from check_early_end(environment, name, metric, sandbox)
    source = human_reward(pack, name)
    if source is None:
        return
    (verdict,) = check([("human.py", source)], environment.spec, environment.transitions, sandbox)
    for finding in verdict.findings if verdict.status != "accepted" else ():
        if finding.severity == "error":
            where = f"line {finding.line}: " if finding.line else ""
            yield error(pack, "human", f"task {name}: human.py: {where}{finding.message}", finding.remedy)
