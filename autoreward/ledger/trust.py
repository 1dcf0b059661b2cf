"""What a run or a task file of somebody else may use: packs, which are ordinary Python, and servers, which get the key.

What a person has named on a command line of their own is known; anything else is asked about once. What is known
stands in `trusted.txt` of the user's configuration, one digest a line: of the place of a pack of one's own, of the
place and all that Python can import of somebody else's, of a server's address.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from importlib.machinery import all_suffixes
from itertools import islice
from pathlib import Path

from autoreward import process_environment
from autoreward.environment.foreign.reference import is_reference, parse
from autoreward.errors import StorageError, UntrustedError, UsageError
from autoreward.input_files import read_input
from autoreward.ledger.files import make_directory
from autoreward.ledger.outputs import output_errors
from autoreward.ledger.run import Run
from autoreward.llm.resolve import BASE_URLS

KNOWN_NAME = "trusted.txt"
MOST_FILES = 200  # Python files of a pack
MOST_ENTRIES = 20_000  # all files and folders of it: meshes, textures
IMPORTED = tuple(all_suffixes())  # .py, .pyc, and libraries
_HOW_TO = (
    "Look at it first. Then the same command with --trust, which is remembered; --yes does not answer this question."
)


def trusted_pack(run: Run) -> str:
    """The environment of a run: the name of a pack of the installation, or the path of one that may be imported.

    Raises:
        UntrustedError: it is a pack that the person at this machine has neither used nor confirmed.
    """
    name = run.task.env_path or run.task.env
    require_trusted(f"Run {run.id}", pack=name)
    return name


def require_trusted(who: str, *, pack: str | None = None, server: str | None = None) -> None:
    """Refuse what came with a run or a task file until a person has confirmed it.

    Args:
        who: names it, for the message.
        pack: of the environment, by name or path; those of the installation are trusted.
        server: the address of a model server; the usual ones are trusted.

    Raises:
        UntrustedError: something is new; it carries what `remember` takes.
        UsageError: the pack is not there, or is none.
    """
    if pack is not None and is_outside(pack) and not is_reference(pack):
        _require_pack(_resolved(pack))
    known, new, digests = _known(), [], []
    if pack is not None and is_outside(pack) and not (_place(pack) in known or _content(pack) in known):
        new.append(f"{_called(pack)}, Python that runs with your rights")
        digests.append(_content(pack))
    if server is not None and not _is_usual(server) and _address(server) not in known:
        new.append(f"the model server {server}, which is sent the prompts and your key")
        digests.append(_address(server))
    if new:
        raise UntrustedError(f"{who} uses {' and '.join(new)}; you have not used it before.", _HOW_TO, tuple(digests))


def remember_own(*, pack: str | None = None, server: str | None = None) -> None:
    """Know from now on what a person has named; where the configuration cannot be written it is asked about later."""
    digests = [_place(pack)] if pack is not None and is_outside(pack) else []
    digests += [_address(server)] if server is not None else []
    with contextlib.suppress(StorageError):
        remember(digests)


def remember(digests: Iterable[str]) -> None:
    """Know from now on what these digests stand for.

    Raises:
        StorageError: the user's configuration cannot be written.
    """
    new = sorted(set(digests) - _known())
    if not new:
        return
    path = _known_file()
    with output_errors(path, "Set XDG_CONFIG_HOME to a folder that can be written."):
        make_directory(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "a") as file:
            file.write("".join(f"{digest}\n" for digest in new))


def is_outside(pack: str) -> bool:
    """Whether this is the path of a pack or somebody else's environment, and no pack of the installation."""
    return is_reference(pack) or "/" in pack or pack.startswith((".", "~"))


def _called(pack: str) -> str:
    if not is_reference(pack):
        return f"the environment pack {_resolved(pack)}"
    reference = parse(pack)
    own = f" with the modules of {reference.folder}" if reference.folder is not None else ""
    return f"the environment {reference.id}{own}"


def _known_file() -> Path:
    return process_environment.config_directory() / KNOWN_NAME


def _known() -> set[str]:
    try:
        return set(read_input(_known_file()).decode(errors="replace").split())
    except UsageError:
        return set()  # there is none yet; one that cannot be read makes nothing known


def _resolved(pack: str) -> Path:
    return Path(pack).expanduser().resolve()


def _place(pack: str) -> str:
    if is_reference(pack):
        return _digest("reference of one's own", pack)
    return _digest("pack of one's own", str(_resolved(pack)))


def _require_pack(folder: Path) -> None:
    if not (folder / "pack.py").is_file():
        raise UsageError(
            f"{folder} is no environment pack: it has no pack.py.",
            "Put the pack back where it was, or name its new place.",
        )


def _content(pack: str) -> str:
    """Of a pack with all that Python can import from it, so that one that was changed is asked about again.

    Raises:
        UsageError: the folder holds more than a pack does, or a link to a folder, whose content may change.
    """
    if is_reference(pack):
        return _digest("reference", pack)
    folder = _resolved(pack)
    try:
        entries = sorted(islice(folder.rglob("*"), MOST_ENTRIES + 1))
        linked = next((path for path in entries if path.is_symlink() and path.is_dir()), None)
        files = [path for path in entries if path.name.endswith(IMPORTED) and path.is_file()]
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}.", "Give a folder with a pack alone.") from error
    if len(entries) > MOST_ENTRIES or len(files) > MOST_FILES:
        seen = f"{MOST_FILES} Python files" if len(files) > MOST_FILES else f"{MOST_ENTRIES} files"
        raise UsageError(f"{folder} has over {seen}.", "Give a folder with a pack alone.")
    if linked is not None:
        raise UsageError(f"{linked} is a link to a folder, whose content may change.", "Copy the folder into the pack.")
    digests = [(str(path.relative_to(folder)), hashlib.sha256(read_input(path)).hexdigest()) for path in files]
    return _digest("pack", str(folder), *(word for pair in digests for word in pair))


def _address(server: str) -> str:
    return _digest("server", server.rstrip("/"))


def _is_usual(server: str) -> bool:
    return server.rstrip("/") in BASE_URLS.values()


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode(errors="surrogateescape")).hexdigest()
