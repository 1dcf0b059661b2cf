"""Fork servers with layers switched off, for tests alone: the package itself has no way to do this.

A test names the layers to leave out in place of the code that starts the server:

    monkeypatch.setattr(server, "_BOOT", boot("language", "seccomp"))
"""

from __future__ import annotations

import builtins
import math
import sys
from typing import Any

from autoreward.reward.arrays import Engine, Members
from autoreward.reward.sandbox import child, forkserver, kernel, limits, namespaces
from autoreward.reward.sandbox.limits import LAYERS

LANGUAGE = "language"
REFUSED = "refused"  # Landlock, by a kernel that does not have it


def boot(*off: str) -> str:
    """What `python -c` runs to start a server without these layers."""
    return f"import sys; sys.path[:] = sys.argv[2:]; from {__name__} import main; main({off!r})"


def main(off: tuple[str, ...]) -> None:
    """Serve like the real server, but without the layers that are named."""
    replaced = {
        LANGUAGE: (child, "_run_module", _run_text),
        "privileges": (kernel, "drop_privileges", _nothing),
        "limits": (limits, "_limit", _nothing),
        "landlock": (kernel, "restrict_files", _nothing),
        "seccomp": (kernel, "filter_calls", _nothing),
        REFUSED: (kernel, "restrict_files", _refused),
    }
    assert set(replaced) == {LANGUAGE, REFUSED, *LAYERS}
    for layer in off:
        module, name, replacement = replaced[layer]
        assert hasattr(module, name)
        setattr(module, name, replacement)
    forkserver.main(sys.argv[1:])


def _nothing(*_: Any, **__: Any) -> None:
    """In place of a layer."""


def _refused(*_: Any, **__: Any) -> None:
    raise kernel.LayerError("Landlock: Function not implemented")


def _run_text(source: str, fields: list[str], engine: Engine) -> dict[str, Any]:
    """Run any text with all of Python, as it would be without the reward language."""
    import numpy

    module = {"__builtins__": builtins, "jnp": Members(engine), "np": numpy, "math": math}
    exec(compile(source, namespaces.FILENAME, "exec", dont_inherit=True), module)  # noqa: S102 - in a child of a test
    return module
