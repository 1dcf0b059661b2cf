"""`check`: the critic's verdict on reward files, without training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autoreward.critic import check, check_metric
from autoreward.critic.properties import MeaningTests
from autoreward.critic.property_sides import Stage, prepare_tests
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward, load_task
from autoreward.errors import UnknownNameError, UsageError
from autoreward.export.frame import frame_findings, program_in
from autoreward.export.source import read_reward_file, read_text
from autoreward.ledger import Run, find_candidate
from autoreward.records import Properties, Property, Tier, Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.runs.report import find_entry
from autoreward.search.final_evaluation import HUMAN
from autoreward.views import CheckLine
from autoreward.views.next_commands import DEFAULT_RUNS
from autoreward.views.properties import properties_event


def check_files(
    files: Sequence[str],
    environment: Environment,
    required: Tier,
    task: str | None = None,
    runs: Path = DEFAULT_RUNS,
    pairs: Sequence[Property] = (),
    on_event: Callable[[Any], None] = lambda event: None,
) -> list[CheckLine]:
    """The critic's verdict on each file; of an exported one also on what stands around its program.

    Args:
        files: reward files, `RUN:CANDIDATE`, or `human` of the task.
        runs: where runs lie.
        pairs: tests of meaning.
        on_event: told which pairs are used, and which are left out and why.

    Raises:
        UsageError: a file cannot be read, or no pair is left.
        IsolationError: the sandbox is below the required tier.
    """
    for file in files:
        refuse_unknown_word(file, (HUMAN,))
    texts = [read_text(file) if is_file(file) else read_source(file, environment, task, runs) for file in files]
    sources = [(file, program_in(text)) for file, text in zip(files, texts, strict=True)]
    with Sandbox(required) as sandbox:
        tests = _tests(pairs, environment, task, sandbox, on_event) if pairs else None
        verdicts = check(sources, environment.spec, environment.transitions, sandbox, tests=tests)
    return [check_line(_in_frame(verdict, text)) for verdict, text in zip(verdicts, texts, strict=True)]


def _tests(
    pairs: Sequence[Property],
    environment: Environment,
    task: str | None,
    sandbox: Sandbox,
    on_event: Callable[[Any], None],
) -> MeaningTests:
    """The pairs, ready to test rewards; of a task they are compared with its metric."""
    metric = load_task(environment.pack, task).metric if task is not None else None
    spec = environment.spec
    compiled = check_metric(metric.code, spec, spec.horizon, sandbox) if metric is not None else None
    verdicts, tests = prepare_tests(pairs, Stage(environment.pack, spec, sandbox, compiled))
    on_event(properties_event(Properties(verdicts=verdicts)))
    if tests is None:
        first = next(one.reason for one in verdicts if one.status == "dropped")
        raise UsageError(f"None of {len(pairs)} pairs can be used: {first}.", "Mend the file of pairs.")
    return tests


def _in_frame(verdict: Verdict, text: str) -> Verdict:
    """The verdict on a whole file: an exported one must not hold anything else than its program in our frame."""
    findings = frame_findings(text)
    if not findings:
        return verdict
    status = "refused" if verdict.status == "accepted" else verdict.status
    return verdict.model_copy(update={"status": status, "findings": (*findings, *verdict.findings), "reward": None})


def check_sources(sources: Sequence[tuple[str, str]], environment: Environment, required: Tier) -> list[Verdict]:
    """The critic's verdict on each (name, text), in a sandbox of its own."""
    with Sandbox(required) as sandbox:
        return check(sources, environment.spec, environment.transitions, sandbox)


def is_human(name: str) -> bool:
    """Whether a name stands for the human-written reward of the task, not for a file."""
    return name == HUMAN and not Path(name).exists()


def is_file(name: str) -> bool:
    """Whether a name is that of a file, and neither `RUN:CANDIDATE` nor `human`."""
    return not is_human(name) and (":" not in name or name.endswith(".py") or Path(name).exists())


def refuse_unknown_word(name: str, known: Sequence[str]) -> None:
    """Refuse a bare word that is neither a file nor one of the known names: it is one of them, misspelt.

    Raises:
        UnknownNameError: names the nearest.
    """
    if name not in known and not set("./:") & set(name) and not Path(name).exists():
        raise UnknownNameError("reward file, RUN:CANDIDATE or baseline", name, known)


def read_source(name: str, environment: Environment, task: str | None, runs: Path = DEFAULT_RUNS) -> str:
    """The text of a reward file, of a candidate (`RUN:CANDIDATE`), or with `human` of the task's human-written reward.

    Raises:
        UsageError: the file cannot be read, or the task has no human-written reward.
        UnknownNameError: there is no such run or candidate.
    """
    if is_file(name):
        return read_reward_file(name)
    if not is_human(name):
        folder, candidate = find_candidate(runs, name)
        with Run.open(folder, write=False) as run:
            entry = find_entry(run, candidate)
            assert entry is not None, "a candidate was named"
            return entry.candidate.source
    source = human_reward(environment.pack, task)
    if source is None:
        raise UsageError(
            f"{environment.spec.name}/{task}: there is no human-written reward for it.", "Give a reward file."
        )
    return source


def check_line(verdict: Verdict) -> CheckLine:
    """A verdict as `check` prints it."""
    return CheckLine(
        file=verdict.candidate,
        status=verdict.status,
        tier=verdict.tier,
        findings=verdict.findings,
        seconds=round(verdict.seconds, 3),
    )
