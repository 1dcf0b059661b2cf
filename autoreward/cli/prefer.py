"""`autoreward prefer`: which of two candidates is better, in one line or pair by pair."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autoreward.cli.last_run import meant_run, run_and_words
from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.errors import UsageError

if TYPE_CHECKING:
    from autoreward.config import Settings
    from autoreward.records import Judgement
    from autoreward.views import PairView, PreferencePart, PreferenceView

SIGNS = "<>=!"  # none of them is in the name of a run
KEYS: dict[str, Judgement] = {"1": "a", "2": "b", "t": "tie", "b": "both_bad"}
DRAWING = "Drawing the clips that are missing ..."  # a minute and more where the machine is busy
HELP = "1 first · 2 second · t tie · b both bad · u undo · o open the clips · w say why (of the last one) · q stop"
_INTERRUPT = ("\x03", "\x04", "")  # Ctrl-C, Ctrl-D, the end of what is typed


def prefer(
    context: typer.Context,
    run: RunArgument = "last",
    statement: Annotated[
        str | None,
        typer.Argument(
            metavar="STATEMENT",
            help='"g01c02 > g01c03: smoother"; = equally good, ! both bad; "g01c02 > rest > g01c05": best and worst.',
        ),
    ] = None,
    rater: Annotated[
        str | None,
        typer.Option(
            "--rater",
            metavar="NAME|vlm:MODEL",
            help="Who says it; vlm:openai/gpt-5: a model looks at frames and answers every pair.",
            show_default="name of the account",
        ),
    ] = None,
) -> None:
    """Say which of two candidates is better; without STATEMENT pairs are shown, at most ten a generation.

    A STATEMENT may stand alone: it is about the last run.

    Any number of people may, also while the search runs. Without a terminal the next pair is printed.
    """
    from autoreward import api
    from autoreward.people.preferences import read_ends

    options: Globals = context.obj
    output, settings = Output(options), options.settings()
    named, statement = run_and_words(context, run, statement, lambda text: any(sign in text for sign in SIGNS))
    run = meant_run(output, settings, named)
    if rater is not None and rater.startswith("vlm:"):
        if statement is not None:
            raise UsageError(f"--rater {rater} looks for itself.", "Leave the statement out.")
        _ask_model(output, settings, run, rater.removeprefix("vlm:"))
    elif statement is not None and (ends := read_ends(statement)) is not None:
        for said in api.prefer_ends(run, ends.best, ends.worst, reasons=ends.reasons, rater=rater, settings=settings):
            _tell(output, said)
    elif statement is not None:
        _tell(output, api.prefer(run, statement, rater=rater, settings=settings))
    elif output.json or not options.interactive:
        output.note(DRAWING, "dim")
        view = api.next_pair(run, rater=rater, settings=settings)
        output.line(view) if output.json else output.show(*_pair_lines(view))
    else:
        PairByPair(output, settings, run, rater).ask(typer.getchar)


def _ask_model(output: Output, settings: Settings, run: str, model: str) -> None:
    """Have a model answer all pairs, each told when it is stored."""
    from autoreward import api

    output.note(DRAWING, "dim")
    if not api.prefer_by_model(run, model, on_answer=lambda view: _tell(output, view), settings=settings):
        output.note("Nothing is left to be asked of it.")


def _tell(output: Output, view: PreferenceView) -> None:
    if output.json:
        output.line(view)
    else:
        output.show(f"{view.status}: {in_words(view)} ({view.rater})")


def in_words(view: PreferencePart) -> str:
    """`g01c02 is preferred to g01c03: smoother`."""
    from autoreward.records import Preference

    return Preference.model_validate(view.model_dump(include=set(Preference.model_fields))).in_words()


def _pair_lines(view: PairView) -> list[str]:
    if view.question is None:
        return [f"Nothing is left to be asked of {view.rater}."]
    lines = [f"{view.remaining} to go: {' or '.join(view.shown)}?"]
    lines += [f"  {name}  {clip}" for name, clip in view.clips.items() if clip]
    return [*lines, *([f"  {view.problem}"] if view.problem else [])]


class PairByPair:
    """A person at the terminal, asked about one pair after the other; each answer is stored when its key is pressed.

    The names of the candidates are told after the answer: their clips are shown as 1.mp4 and 2.mp4.
    """

    def __init__(self, output: Output, settings: Settings, run: str, rater: str | None) -> None:
        self._output = output
        self._where: dict[str, Any] = {"settings": settings}
        self._who: dict[str, Any] = {"settings": settings, "rater": rater}
        self._run = run
        self._last: PreferenceView | None = None

    def ask(self, read_key: Callable[[], str]) -> None:
        """Ask until nothing is left, or the person stops.

        Args:
            read_key: waits for the next key.
        """
        import tempfile

        from autoreward import api

        with tempfile.TemporaryDirectory(prefix="autoreward-") as folder:
            self._output.note(DRAWING, "dim")
            while (pair := api.next_pair(self._run, **self._who)).question is not None:
                files = _anonymous(pair, Path(folder))
                self._show(pair, files)
                if not self._answered(pair, files, read_key):
                    return
        self._output.show("Nothing is left to be asked. More pairs come with the next generation.")

    def _show(self, pair: PairView, files: list[Path]) -> None:
        self._output.show("", f"{pair.remaining} to go. Which is better?")
        self._output.show(*(f"  {number}  {file}" for number, file in enumerate(files, start=1)))
        if pair.problem:
            self._output.warn(pair.problem)
        if not files:
            self._output.show(*(f"  {number}  {name}" for number, name in enumerate(pair.shown, start=1)))
        self._output.show(HELP)

    def _answered(self, pair: PairView, files: list[Path], read_key: Callable[[], str]) -> bool:
        """Whether to go on: with the next pair after an answer, with the one before after an undo."""
        while True:
            key = read_key().lower()
            if key in ("q", *_INTERRUPT):
                return False
            if key in KEYS:
                self._answer(pair, KEYS[key])
                return True
            if key == "u":
                return self._undo()
            if key == "w":
                self._say_why()
            elif key == "o":
                self._output.show(*([] if _opened(files) else ["Nothing here opens clips: open them by hand."]))
            else:
                self._output.show(f"{key!r} is none of the keys. {HELP}")

    def _answer(self, pair: PairView, verdict: Judgement) -> None:
        """Store an answer; where a candidate was withdrawn while the pair stood there, say so: it is asked no more."""
        from autoreward import api
        from autoreward.errors import UnknownNameError, UsageError

        try:
            self._last = api.answer(self._run, pair, verdict, **self._where)
        except (UsageError, UnknownNameError) as error:
            self._output.show(f"Not stored: {error.message}")
        else:
            self._output.show(f"{self._last.status}: {in_words(self._last)}")

    def _undo(self) -> bool:
        from autoreward import api
        from autoreward.errors import UsageError

        try:
            taken = api.take_back(self._run, **self._who)
        except UsageError as error:
            self._output.show(error.message)
        else:
            self._output.show(*(f"taken back: {in_words(one)}" for one in taken))
        return True

    def _say_why(self) -> None:
        """A note about the last answer; it is told to the next prompt."""
        from autoreward import api

        if self._last is None or self._last.preferred is None:
            self._output.show("There is no choice yet to give a reason for.")
            return
        why = typer.prompt("Why", default="", show_default=False).strip()
        if why:
            worse = self._last.b if self._last.preferred == self._last.a else self._last.a
            api.note(f"{self._run}:{self._last.preferred}", f"better than {worse}: {why}", **self._who)
            self._output.show("noted")


def _anonymous(pair: PairView, folder: Path) -> list[Path]:
    """The clips under names that do not tell the candidates, in the order in which they are shown."""
    import shutil

    files = []
    for number, name in enumerate(pair.shown, start=1):
        if clip := pair.clips.get(name):
            files.append(Path(shutil.copyfile(clip, folder / f"{number}.mp4")))
    return files


def _opened(files: list[Path]) -> bool:
    """Whether something that shows clips was started."""
    import shutil
    import subprocess

    opener = next((found for name in ("xdg-open", "open") if (found := shutil.which(name))), None)
    if opener is None:
        return False
    for file in files:
        subprocess.Popen([opener, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return True
