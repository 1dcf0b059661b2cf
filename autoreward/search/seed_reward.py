"""A search that starts from a person's reward: it is the first candidate, and the parent of the others."""

from __future__ import annotations

from functools import partial

from autoreward.config import Settings, known_secrets
from autoreward.critic import check
from autoreward.environment.environment import Environment
from autoreward.errors import NoValidCandidateError
from autoreward.export.source import read_reward_file
from autoreward.records import Candidate, CandidateSummary
from autoreward.redaction import redacted
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.events import CANDIDATE
from autoreward.search.session import Session

SEED = "g00c00"
PERSON = "person"  # the designer of a reward that a person gave


def read_seed_reward(file: str, environment: Environment, settings: Settings) -> str:
    """The text of a person's reward, once the critic has accepted it.

    Raises:
        UsageError: the file cannot be read.
        IsolationError: the sandbox is below the required tier.
        NoValidCandidateError: the critic refuses it; the message has every finding.
    """
    source = redacted(read_reward_file(file), known_secrets())
    shaping_only = settings.design.shaping_only
    with Sandbox(settings.require_isolation) as sandbox:
        (verdict,) = check([(file, source)], environment.spec, environment.transitions, sandbox, shaping_only)
    if verdict.status == "accepted":
        return source
    errors = [finding for finding in verdict.findings if finding.severity == "error"]
    said = "; ".join(f"line {one.line}: {one.message}" if one.line else one.message for one in errors)
    remedies = " ".join(dict.fromkeys(one.remedy for one in errors if one.remedy))
    raise NoValidCandidateError(f"{file} cannot be the start of a search, it is {verdict.status}: {said}.", remedies)


def seed_candidate(session: Session, generation: int) -> Candidate | None:
    """The person's reward as a candidate of generation 0; None in other generations, and where none was given."""
    source = session.task.seed_reward
    if source is None or generation != 0:
        return None
    made = Candidate(id=SEED, generation=0, parents=(), source=source, designer=PERSON)
    return session.run.once(CANDIDATE, SEED, Candidate, partial(_same, made))


def as_parent(candidate: Candidate) -> CandidateSummary:
    """The person's reward as the first generation's prompts tell of it."""
    return CandidateSummary(
        id=candidate.id,
        source=candidate.source,
        status="accepted",
        analysis="A person wrote it. It was not trained yet; it is one of this generation's candidates already.",
    )


def _same(candidate: Candidate) -> Candidate:
    return candidate
