"""The best reward so far, kept in `best/` in a form that works without autoreward."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autoreward.config import DesignSettings
from autoreward.environment.environment import Environment
from autoreward.export.environment_file import environment_facts, export_environment
from autoreward.export.learned_file import NOTHING_LEARNED, export_learned, learned_note, with_learned_weights
from autoreward.export.picture import learning_curve, learning_picture
from autoreward.export.policy_file import ExportedPolicy, best_policy, export_policy, policy_facts
from autoreward.export.provenance import provenance_of
from autoreward.export.reward_file import export_reward
from autoreward.export.targets.target_files import export_target
from autoreward.ledger import Run
from autoreward.ledger.recordings import read_final_recordings, read_recordings
from autoreward.records import CompiledReward, FinalReport
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import stored_properties, training_members
from autoreward.search.session import Session
from autoreward.search.together import sent_prompts
from autoreward.views import ExportView

PICTURE = "best/learning.png"
RANDOM_POLICY = "random"
NO_TERMS = """
# Shaping only: add what reward() returns to the task's own reward. Optimal policies stay the same with this GAMMA.
WEIGHTS = {}


def reward_terms(state, action, next_state, params):
    return {}
"""


def keep_best(session: Session, winner: Entry, report: FinalReport | None = None) -> None:
    """Write the best reward and its provenance; with a report, also the picture of its training."""
    write_export(session.run, session.environment, winner, report, session.run.path / "best")
    if report is not None:
        draw_learning(session, report)


def write_export(
    run: Run,
    environment: Environment,
    entry: Entry,
    report: FinalReport | None,
    directory: Path,
    targets: Sequence[str] = (),
) -> ExportView:
    """Write the reward of a candidate that the critic accepted, its environment, its policy, and where they come from.

    Args:
        targets: other tools to write the terms for.

    Raises:
        UsageError: the terms cannot be written for such a tool.
        EnvironmentFailedError: a file of the environment's model is missing.
        StorageError: the directory cannot be written.
    """
    assert entry.verdict is not None and entry.verdict.reward is not None
    pack, env = environment.pack, environment.spec
    candidate, settings, versions = entry.candidate, run.settings, run.versions
    files, notes = export_environment(directory, pack, env), []
    policy = _best_policy(run, candidate.id)
    if policy is None:
        notes.append(f"policy.py was not written: {candidate.id} has not been trained.")
    else:
        policy_files, notes = export_policy(directory, policy, env, pack.foreign)
        files += policy_files
    source, compiled = candidate.source, entry.verdict.reward
    if policy is not None:
        compiled = with_learned_weights(compiled, policy.member)
        files += export_learned(directory, compiled, policy.combination)
        notes = [*notes, *learned_note(policy.member, policy.combination)]
        nothing = settings.design.learns_weights and not (policy.member and policy.member.weights)
        notes += [NOTHING_LEARNED] if nothing else []
    if settings.design.shaping_only:
        source, compiled = as_shaping(source, compiled)
        notes = [*notes, "reward.py pays the shaping alone: add the task's own reward to it."]
    gamma = env.gamma if settings.ppo.gamma is None else settings.ppo.gamma
    for name in targets:
        files.append(export_target(directory, name, pack, env, source, compiled, gamma, run.task.text))
    templates = str(versions.get("prompts", ""))
    provenance: dict[str, Any] = provenance_of(run.id, candidate, run.task, settings, versions, templates, report)
    properties = stored_properties(run)
    provenance |= {
        "properties_sha256": properties.digest if properties else None,  # of the tests of meaning
        "metric_version": run.metric_version,  # times that it was revised
        "prompts_sha256": _prompt_digests(run, candidate.id),
        "environment": environment_facts(pack, env),
        "policy": policy_facts(policy),
        "combination": _where_weights_come_from(settings.design, policy),
        "files_sha256": {str(file.relative_to(directory)): _digest(file.read_bytes()) for file in files},
    }
    rewards = export_reward(directory, source, compiled, env, provenance, settings.ppo.gamma)
    return ExportView(files=tuple(str(file) for file in (*rewards, *files)), notes=tuple(notes))


def as_shaping(source: str, compiled: CompiledReward) -> tuple[str, CompiledReward]:
    """A potential as a reward program without terms: what it pays is to be added to the task's own reward."""
    return source.rstrip("\n") + "\n" + NO_TERMS, compiled.model_copy(update={"weights": {}, "term_names": ()})


def _where_weights_come_from(design: DesignSettings, policy: ExportedPolicy | None) -> dict[str, Any]:
    """How WEIGHTS came about, as PROVENANCE.json has it."""
    member = policy.member if policy else None
    learned = bool(member and member.weights)
    return {
        "combine": "adapt" if design.adapt else design.combine,
        "learned": learned,
        "seed": member.seed if member and learned else None,
        "required": dict(member.required) if member else {},
    }


def _best_policy(run: Run, candidate: str) -> ExportedPolicy | None:
    """The best policy that the run keeps of a candidate: of its selection and of its reporting seeds."""
    members = [member for member in training_members(run) if member.candidate == candidate]
    selected = read_recordings(run, candidate, ["policy"], missing_ok=True)
    return best_policy(members, (*selected, *read_final_recordings(run, candidate, missing_ok=True)))


def _prompt_digests(run: Run, candidate: str) -> dict[str, str]:
    """A digest of each prompt that asked for a candidate, repairs included, by prompt id."""
    texts = {
        prompt.id: "\0".join(message.content for message in prompt.messages) for prompt in sent_prompts(run, candidate)
    }
    return {name: _digest(text.encode()) for name, text in texts.items()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def draw_learning(session: Session, report: FinalReport) -> None:
    """A picture of success and own return over training: the winner on fresh seeds, beside human and sparse."""
    metric = session.task.metric
    names = [report.candidate, *(name for name in report.baselines if name != RANDOM_POLICY)]
    curves = [
        learning_curve(f"best ({name})" if name == report.candidate else name, read_final_recordings(session.run, name))
        for name in names
    ]
    random = report.baselines[RANDOM_POLICY].fitness
    learning_picture(
        session.run.path / PICTURE,
        [curve for curve in curves if curve is not None],
        title=f"{session.env.name}: {session.task.text}",
        unit=metric.unit if metric else "1",
        levels={RANDOM_POLICY: random.mean} if random else None,
    )
