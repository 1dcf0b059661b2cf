"""The program `autoreward`: the global options, the commands, and what an error looks like."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from autoreward.cli import (
    bench,
    check,
    compare,
    config,
    design,
    doctor,
    envs,
    export,
    guide,
    init,
    list_runs,
    metric,
    prefer,
    refine,
    reply,
    report,
    resume,
    show,
    taste,
    track,
    train,
    ui,
    video,
)
from autoreward.cli.options import GLOBAL_HELP, hoist_globals, read_globals
from autoreward.errors import AutorewardError, InterruptedRunError, StorageError, UntrustedError, UsageError

if TYPE_CHECKING:
    from autoreward.views import ErrorView

BUG = 1
_NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)  # a stream, where no file is named
USAGE = 2
# The parser's own errors; typer names the class only through its children.
_ParserError = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="autoreward",
    help="Say what a robot should do, in plain words; get a reward function that was trained and measured.",
    epilog=GLOBAL_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command, _name in (
    (design.design, "design"),
    (init.init, "init"),
    (refine.refine, "refine"),
    (prefer.prefer, "prefer"),
    (taste.taste, "taste"),
    (track.track, "track"),
    (reply.reply, "reply"),
    (resume.resume, "resume"),
    (list_runs.list_runs, "list"),
    (show.show, "show"),
    (video.video, "video"),
    (check.check, "check"),
    (train.train, "train"),
    (compare.compare, "compare"),
    (export.export, "export"),
    (report.report, "report"),
    (ui.ui, "ui"),
    (metric.metric, "metric"),
    (guide.guide, "guide"),
    (doctor.doctor, "doctor"),
):
    app.command(_name)(_command)
app.callback()(read_globals)
app.add_typer(envs.app, name="envs")
app.add_typer(bench.app, name="bench")
app.add_typer(config.app, name="config")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line; `sys.argv` where none is given.

    Returns:
        The exit code: 0, or that of the error (see `autoreward.errors`).
    """
    given = hoist_globals(sys.argv[1:] if arguments is None else arguments)
    stdout_is_open = _prepare_streams()
    _take_sigterm_for_ctrl_c()
    try:
        code = _run(given)
        if code == InterruptedRunError.exit_code:  # what the parser makes of Ctrl-C
            raise KeyboardInterrupt
        sys.stdout.flush()
        if not stdout_is_open:
            raise StorageError("Standard output is closed.", "Redirect it to /dev/null to throw it away.")
    except Exception as error:
        return _report(error, as_json="--json" in given, debug="--debug" in given)
    except KeyboardInterrupt:
        return _report(InterruptedRunError("Interrupted."), as_json="--json" in given, debug=False)
    return code if isinstance(code, int) else 0


def _take_sigterm_for_ctrl_c() -> None:
    """What ends a command ends it with a sentence; a search has a way of its own, see search/signals.py."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _run(given: Sequence[str]) -> object:
    """Runs the command; again once somebody has confirmed what it uses of somebody else."""
    while True:
        try:
            return app(args=list(given), standalone_mode=False, prog_name="autoreward")
        except UntrustedError as error:
            if "--trust" not in given and not _confirmed(error, given):
                raise
            from autoreward.ledger.trust import remember

            remember(error.digests)


def _confirmed(error: UntrustedError, given: Sequence[str]) -> bool:
    """Whether a person at a terminal says yes; --yes says nothing to this question."""
    if "--no-input" in given or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    from autoreward.cli.output import echo

    echo(error.message, err=True, color="yellow")
    return typer.confirm("Do you trust who made it?", err=True)


def _prepare_streams() -> bool:
    """Let neither a closed stream nor a character that a terminal lacks end a command; whether stdout is open."""
    for number in range(3):  # a file that is opened later must not take the place of a stream that is closed
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdin is None:
        sys.stdin = io.StringIO()
    closed = sys.stdout is None
    if closed:
        sys.stdout = io.StringIO()
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    return not closed


def _report(error: Exception, as_json: bool, debug: bool) -> int:
    """Says what went wrong, and gives the exit code."""
    if isinstance(error, BrokenPipeError):  # the reader of the output went away, as `head` does
        sys.stdout = None  # so that the interpreter does not flush into it at its end
        return 0
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE and error.filename is None:
        sys.stdout = None  # as above
        as_json = False
        error = StorageError(f"Standard output cannot be written: {error.strerror}.", "Make room, or write elsewhere.")
    if isinstance(error, typer.Abort):
        error = InterruptedRunError("Aborted.")
    if isinstance(error, OSError):
        error = _said_of_a_name(error)
    if isinstance(error, AutorewardError):
        kind, message, remedy, code = type(error).__name__, error.message, error.remedy, error.exit_code
    elif isinstance(error, _ParserError):
        kind, message, remedy, code = "UsageError", _parser_message(error), _usage(error), USAGE
    else:
        kind, message, remedy, code = type(error).__name__, *_bug(error, debug), BUG
    from autoreward.views import ErrorBody, ErrorView

    view = ErrorView(error=ErrorBody(type=kind, message=message, remedy=remedy))
    _print_error(view, as_json)
    return code


def _said_of_a_name(error: OSError) -> Exception:
    """What no file can be called and what no folder is any more, wherever it was noticed; else the error itself."""
    if error.errno == errno.ENAMETOOLONG:
        return UsageError(f"{str(error.filename)[:60]}...: no file has so long a name.", "Give a shorter one.")
    if error.errno == errno.ENOENT and not _has_working_folder():
        return StorageError("The working folder is gone: it was deleted or moved.", "Change into another one (cd).")
    return error


def _has_working_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _print_error(view: ErrorView, as_json: bool) -> None:
    from autoreward.cli.output import echo, json_line

    if as_json:
        try:
            typer.echo(json_line(view))
            return
        except OSError:  # nobody reads it, or it is full: what went wrong is told to the other stream
            sys.stdout = None
    echo(view.error.message, err=True, color="red")
    if view.error.remedy:
        echo(f"  {view.error.remedy}", err=True)


def _parser_message(error: Exception) -> str:
    return str(getattr(error, "format_message", error.__str__)())


def _usage(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.get_usage()}   (more with {context.command_path} --help)" if context else "See autoreward --help."


def _bug(error: Exception, debug: bool) -> tuple[str, str]:
    """The message and the remedy for an error that nobody expected; the traceback is kept."""
    text = "".join(traceback.format_exception(error))
    message = f"This is a bug in autoreward: {type(error).__name__}: {error}"
    if debug:
        from autoreward.cli.output import echo

        echo(text, err=True)
        return message, "Please report it with the traceback above."
    try:
        with tempfile.NamedTemporaryFile("w", prefix="autoreward-", suffix=".txt", delete=False) as file:
            file.write(text)
    except OSError:
        return message, "Run it again with --debug to see the traceback, and please report it."
    return message, f"Please report it with the traceback in {file.name}"
