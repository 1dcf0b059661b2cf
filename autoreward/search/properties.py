"""Tests of meaning of a run: written once from the text, frozen, and run on every candidate before its training.

""      PROPERTIES   the pairs that a model wrote, or a person gave; which are kept, compared with the metric
"v1"    PROPERTIES   the same pairs, compared with the metric as it was revised
"""

from __future__ import annotations

from functools import partial

from autoreward.critic.properties import MeaningTests
from autoreward.critic.property_files import properties_text
from autoreward.critic.property_sides import Stage, prepare_tests
from autoreward.designer.prompts import render_properties
from autoreward.designer.properties import parse_properties
from autoreward.environment.environment import Environment
from autoreward.environment.sides import coordinates
from autoreward.ledger.run import version_key
from autoreward.records import Prompt, Properties, Property, PropertyBrief, PropertyFile, TaskSpec
from autoreward.search.asking import LedgerAsker
from autoreward.search.events import PROPERTIES
from autoreward.search.preferred import told_task
from autoreward.search.session import Session
from autoreward.views import NoteEvent
from autoreward.views.properties import properties_event

FILE = "properties.yaml"  # in the run
PROMPT = "pairs"  # the id of the prompt that asks for them
STAGE = "writing tests of meaning"


def properties_prompt(environment: Environment, task: TaskSpec, count: int) -> Prompt:
    """The prompt that asks for so many pairs."""
    brief = PropertyBrief(
        text=task.text,
        env=environment.spec,
        meaning=task.metric.meaning if task.metric else "",
        coordinates=coordinates(environment.pack),
        count=count,
    )
    return render_properties(brief, PROMPT)


def wants_properties(session: Session) -> bool:
    """Whether rewards of this run are tested by pairs."""
    return bool(session.task.properties) or (session.designer.is_llm and session.settings.design.properties > 0)


def find_properties(session: Session) -> None:
    """Have the pairs written where there are none yet, show them and keep them as a file.

    Raises:
        ModelError, BudgetReachedError: the language model cannot be asked.
    """
    run = session.run
    if not wants_properties(session):
        return
    told = run.get(PROPERTIES, "", Properties) is not None
    properties = run.once(PROPERTIES, "", Properties, partial(_write, session))
    if properties.kept and not (run.path / FILE).is_file():
        pairs = tuple(one.pair for one in properties.kept)
        file = PropertyFile(env=session.env.name, text=session.task.text, pairs=pairs)
        run.write_file(FILE, properties_text(file))
    if not told:
        session.on_event(properties_event(properties))
        for words in properties.unread:
            session.on_event(NoteEvent(text=f"A test of meaning is left out: {words}"))


def meaning_tests(session: Session) -> MeaningTests | None:
    """The tests of every candidate under the metric as it is now; None where there are none."""
    run, version = session.run, session.run.metric_version
    written = run.get(PROPERTIES, "", Properties)
    if written is None:
        return None
    if version not in session.tests:
        pairs = [one.pair for one in written.verdicts]
        compared = run.once(PROPERTIES, version_key(version), Properties, lambda: _prepared(session, pairs)[0])
        _, tests = _prepared(session, [one.pair for one in compared.kept])
        session.tests[version] = tests
    return session.tests[version]


def _write(session: Session) -> Properties:
    """Pairs that were given, or those of one reply, and what becomes of each."""
    if session.task.properties:
        return _prepared(session, session.task.properties)[0]
    asker, task = LedgerAsker(session, STAGE), told_task(session.task, session.settings)
    (prompt,) = asker.keep(
        PROMPT, lambda: [properties_prompt(session.environment, task, session.settings.design.properties)]
    )
    pairs, unread = parse_properties(asker.answer([prompt])[PROMPT])
    return _prepared(session, pairs)[0].model_copy(update={"unread": unread})


def _prepared(session: Session, pairs: tuple[Property, ...] | list[Property]) -> tuple[Properties, MeaningTests | None]:
    stage = Stage(session.environment.pack, session.env, session.sandbox, session.metric)
    verdicts, tests = prepare_tests(pairs, stage)
    return Properties(verdicts=verdicts), tests
