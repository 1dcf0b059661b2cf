"""From files to verdicts: static rules in this process, then a child that traces and a second one that probes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from autoreward.critic.batches import probe_rows
from autoreward.critic.contract_rules import reward_findings
from autoreward.critic.forms import with_reference
from autoreward.critic.probe import MANY, MEASURED, probe_batches, probe_findings
from autoreward.critic.properties import MeaningTests
from autoreward.critic.running_cost import running_cost_findings
from autoreward.critic.shaping import shaping_findings, with_shown_potential
from autoreward.critic.translate import translate
from autoreward.records import CompiledReward, EnvSpec, Finding, Transitions, Verdict
from autoreward.reward.language.rules import parse, written_findings
from autoreward.reward.sandbox.replies import Failure
from autoreward.reward.sandbox.sandbox import Sandbox

PARALLEL = 2  # children at a time


def check(
    files: Sequence[tuple[str, str]],
    env: EnvSpec,
    transitions: Transitions,
    sandbox: Sandbox,
    shaping_only: bool = False,
    tests: MeaningTests | None = None,
) -> list[Verdict]:
    """Judge reward programs.

    Args:
        files: (candidate id or file name, source) each. A file that is not UTF-8 is told apart when it was read with
            errors="surrogateescape".
        env: the environment the rewards are for.
        transitions: from random rollouts, arrays [N, ...].
        sandbox: where the programs are traced and probed.
        shaping_only: they hold a potential and nothing else; the one term of the verdict's reward only shows it.
        tests: pairs of which a reward has to pay the better side more.

    Returns:
        One verdict for each file, in the same order and under the same name.
    """
    rows, real = probe_rows(transitions, env)
    checks = [_Check(label, source, env, shaping_only, tests) for label, source in files]
    for one in checks:  # in this thread: parsing has to silence warnings, which is not safe in several
        one.check_statically()
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="critic") as pool:
        list(pool.map(lambda one: one.check_in_sandbox(sandbox, rows, real), checks))
    return [one.verdict(sandbox) for one in checks]


def check_static(source: str, env: EnvSpec) -> tuple[Finding, ...]:
    """Static findings of a reward program: language and contract, without running anything."""
    parsed = parse(source, [field.name for field in env.fields])
    if parsed.tree is None:
        return parsed.findings
    findings = [*parsed.findings, *written_findings(parsed), *reward_findings(parsed.tree, env)]
    return tuple(sorted(findings, key=lambda finding: finding.line or 0))


class _Check:
    """One file on its way through the critic."""

    def __init__(self, label: str, source: str, env: EnvSpec, shaping_only: bool, tests: MeaningTests | None) -> None:
        self._label, self._shaping_only, self._tests = label, shaping_only, tests
        self._source = with_shown_potential(source) if shaping_only else source
        self._env = env
        self._findings: list[Finding] = list(shaping_findings(source)) if shaping_only else []
        self._failed = False
        self._compiled: CompiledReward | None = None
        self._seconds = 0.0

    def check_statically(self) -> None:
        start = time.perf_counter()
        if not self._refused:
            self._findings += check_static(self._source, self._env)
        self._seconds += time.perf_counter() - start

    def check_in_sandbox(self, sandbox: Sandbox, rows: Transitions, real: int) -> None:
        if self._refused:
            return
        start = time.perf_counter()
        compiled = self._trace_and_probe(sandbox, rows, real)
        self._compiled = None if self._refused else compiled
        self._seconds += time.perf_counter() - start

    def verdict(self, sandbox: Sandbox) -> Verdict:
        """The result; call it after both checks."""
        return Verdict(
            candidate=self._label,
            status="failed" if self._failed else "refused" if self._refused else "accepted",
            tier=sandbox.tier,
            findings=tuple(self._findings),
            seconds=round(self._seconds, 4),
            reward=self._compiled,
        )

    @property
    def _refused(self) -> bool:
        return any(finding.severity == "error" for finding in self._findings)

    def _trace_and_probe(self, sandbox: Sandbox, rows: Transitions, real: int) -> CompiledReward | None:
        traced = sandbox.trace_reward(self._source, self._env, rows)
        self._findings += traced.findings
        if traced.failure is not None:
            self._add_failure(traced.failure, "the program")
        if traced.compiled is None:
            return None
        if traced.twin_failure is not None:
            self._add_failure(traced.twin_failure, "in numpy")
        batches = probe_batches(traced.compiled, rows)
        size = len(batches[MANY]["action"])
        meaning = [self._tests.batch(traced.compiled, size)] if self._tests is not None else []
        probed = sandbox.probe(traced.compiled.program, [*batches, *meaning], measured=MEASURED)
        if probed.failure is not None:
            self._add_failure(probed.failure, "the compiled program")
            return None
        plain = probed.outputs[: len(batches)]
        try:
            self._findings += probe_findings(traced.compiled, plain, len(rows.action), real, traced.twin)
            if self._tests is not None:
                self._findings += self._tests.findings(traced.compiled, probed.outputs[-1], self._shaping_only)
            self._findings += running_cost_findings(
                [len(batches[call]["action"]) for call in MEASURED], probed.measured
            )
        except (KeyError, ValueError) as error:
            self._add_failure(Failure("reply", type(error).__name__, str(error)), "the compiled program")
            return None
        return with_reference(traced.compiled, plain[MANY]["terms"][:real])

    def _add_failure(self, failure: Failure, label: str) -> None:
        self._failed |= failure.kind != "raised"
        self._findings.append(translate(failure, self._source, label))
