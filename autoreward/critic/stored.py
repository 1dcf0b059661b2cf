"""What a run has stored, looked at again before it is trained or given away: its folder may come from anybody."""

from __future__ import annotations

from autoreward.critic.shaping import shaping_findings, with_shown_potential
from autoreward.critic.verdicts import check_static
from autoreward.records import CompiledMetric, CompiledReward, EnvSpec, Finding
from autoreward.reward.form_reading import form_problems
from autoreward.reward.sandbox import replies
from autoreward.reward.sandbox.inspection import inspect_program
from autoreward.reward.sandbox.sandbox import METRIC_OUTPUTS, reward_outputs
from autoreward.wire import Packet


def stored_source_errors(source: str, env: EnvSpec, shaping_only: bool) -> tuple[Finding, ...]:
    """What the static rules refuse of a stored program; nothing is run."""
    findings = shaping_findings(source) if shaping_only else ()
    checked = check_static(with_shown_potential(source) if shaping_only else source, env)
    return tuple(finding for finding in (*findings, *checked) if finding.severity == "error")


def stored_reward_errors(compiled: CompiledReward, env: EnvSpec) -> tuple[Finding, ...]:
    """What is wrong with a stored compiled reward: names, numbers, digest, and every operation of its program."""
    reply = {
        "weights": [list(pair) for pair in compiled.weights.items()],
        "params": dict(compiled.params),
        "has_potential": compiled.has_potential,
        "inputs": list(compiled.inputs),
    }
    if problems := form_problems(compiled.form, dict(compiled.weights)):
        return (_changed(problems[0].message),)
    try:
        read = replies.compiled_reward(Packet(reply, {"program": compiled.program}), env)
        if read.model_copy(update={"form": compiled.form}) != compiled:
            return (_changed("it is not the program that was accepted"),)
    except replies.ReplyError as error:
        return (_changed(str(error)),)
    return inspect_program(compiled.program, replies.reward_inputs(compiled, env), reward_outputs(compiled))


def stored_metric_errors(compiled: CompiledMetric, env: EnvSpec) -> tuple[Finding, ...]:
    """What is wrong with a stored compiled metric."""
    packet = Packet({"inputs": list(compiled.inputs)}, {"program": compiled.program})
    try:
        if compiled.horizon != env.horizon or replies.compiled_metric(packet, env, env.horizon) != compiled:
            return (_changed("it is not the program that was accepted"),)
    except replies.ReplyError as error:
        return (_changed(str(error)),)
    inputs = replies.metric_inputs(compiled, env)
    return inspect_program(compiled.program, inputs, METRIC_OUTPUTS, compiled.horizon)


def _changed(message: str) -> Finding:
    return Finding(rule="program.stored", severity="error", message=message)
