"""Readers: models that are asked beside the search, the witness, the critic of meaning and the analyst.

What they say decides nothing, so whatever their server does stops no run: they get a patience of their own, much
shorter than the designer's, and where nothing comes back one line says so and how that is mended.
"""

from __future__ import annotations

import dataclasses

from autoreward.designer.choose import make_designer
from autoreward.errors import AutorewardError, ConfigError, ModelError, ModelOutageError
from autoreward.llm.resolve import choose
from autoreward.process_environment import model_environment
from autoreward.search.calls import CallsInFlight
from autoreward.search.session import Session, keep_designer
from autoreward.views import ProgressEvent

SILENT = (ModelError, ConfigError)  # what a reader that cannot be asked raises; budgets and signals pass


def open_reader(session: Session, model: str | None = None) -> Session:
    """The session with a reader in the designer's place; calls that it ends are no others'.

    Args:
        model: that reads; None: the run's designer.

    Raises:
        ConfigError: it cannot be asked.
    """
    stated = session.settings.llm
    llm = keep_designer(session.run, stated) if model is None else stated.model_copy(update={"model": model})
    patience = {name: min(getattr(llm, name), llm.reader_patience) for name in ("request_timeout", "outage_budget")}
    llm = llm.model_copy(update=patience)
    environment = model_environment()

    def say(line: str) -> None:
        session.on_event(ProgressEvent(stage=line))

    reader = make_designer(choose(llm, environment), llm, environment, session.run.path, say)
    return dataclasses.replace(session, designer=reader, calls=CallsInFlight())


def why_silent(error: AutorewardError, session: Session, option: str = "--model") -> str:
    """Why a reader says nothing, in its server's words, with the cure.

    Args:
        error: one of SILENT.
        option: that names the reader's model.
    """
    remedy = remedy_of(error.remedy, option)
    if isinstance(error, ModelOutageError):
        longer = 5 * session.settings.llm.reader_patience
        remedy = f"The run goes on without it; for more patience: --set llm.reader_patience={longer:g}"
    return f"{error.message} {remedy}".strip()


def remedy_of(remedy: str, option: str) -> str:
    """A remedy about the designer's model as it stands for one that another option names."""
    if option == "--model":
        return remedy
    return remedy.replace("use --model compose, which needs none", f"leave {option} out").replace("--model", option)
