"""`envs describe --describe`: what the fields of an environment mean, by its documentation, for a person to confirm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autoreward.config import Settings
from autoreward.designer.choose import make_designer
from autoreward.designer.meanings import parse_meanings
from autoreward.designer.prompts import render_meanings
from autoreward.environment.environment import Environment
from autoreward.environment.foreign.meanings import SUFFIXES, MeaningsFile, meanings_text
from autoreward.environment.foreign.opening import documentation_of
from autoreward.environment.foreign.reference import parse
from autoreward.errors import InterruptedRunError, ModelError, UsageError
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_file, output_errors
from autoreward.llm.resolve import choose
from autoreward.process_environment import model_environment
from autoreward.search.budget import total_usage
from autoreward.views import MeaningLine, MeaningsView
from autoreward.workflows.metric import DirectAsker

TOLD_BY_US = ("observation", "last_action", "time", "terminated")  # whose meaning is the same everywhere
Confirm = Callable[[MeaningsView], bool]


def describe_fields(environment: Environment, settings: Settings, file: Path, confirm: Confirm | None) -> MeaningsView:
    """Ask a language model what the fields mean, have a person look at it, and write it for `--fields`.

    Args:
        confirm: shows a person what was said, and asks; None: there is nobody to ask, and the file says so.

    Raises:
        UsageError: it is a pack of ours, no language model is named, or the file exists.
        ModelError: it cannot be reached, or says nothing that can be used.
        InterruptedRunError: the person said no.
    """
    check_output_file(file, suffixes=SUFFIXES)
    facts = environment.pack.foreign
    if facts is None:
        raise UsageError(f"{environment.spec.name}: its fields are declared in its pack.", "Edit FIELDS there.")
    choice = choose(settings.llm, model_environment())
    if not choice.is_llm:
        raise UsageError(f"{choice.name} reads no documentation.", "--describe provider/model")
    asker = DirectAsker(make_designer(choice, settings.llm, model_environment(), Path(settings.runs)), settings)
    fields = {field.name: field for field in environment.spec.fields if field.name not in TOLD_BY_US}
    asked = environment.spec.model_copy(update={"fields": tuple(fields.values())})
    prompt = render_meanings(asked, documentation_of(facts.reference), "meanings")
    found, wrong = parse_meanings(asker.answer([prompt])[prompt.id], fields)
    if not found:
        raise ModelError(f"{choice.name} says nothing of the fields that can be used: {'; '.join(wrong) or 'nothing'}.")
    lines = tuple(MeaningLine(field=name, **meaning.model_dump()) for name, meaning in found.items())
    view = MeaningsView(
        env=environment.spec.name,
        model=choice.name,
        file=str(file),
        fields=lines,
        unsaid=tuple(name for name in fields if name not in found),
        left_out=wrong,
        usage=total_usage(asker.answered),
    )
    if confirm is not None and not confirm(view):
        raise InterruptedRunError("Nothing was written.", "Write the file yourself: see docs/your-environment.md.")
    content = MeaningsFile(env=environment.spec.name, function=parse(facts.reference).fields, fields=found)
    with output_errors(file):
        write_atomic(file, meanings_text(content, file, choice.name))
    return view
