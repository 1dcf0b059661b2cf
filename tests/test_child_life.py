"""A child ends when nobody waits for it any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("pipe", ["stdin", "stdout"])
def test_it_ends_with_the_process_that_asks_it_also_inside_a_program_that_never_returns(
    pipe: str, tmp_path: Path
) -> None:
    folder = tmp_path / "worker"
    folder.mkdir()
    endless = "import sys\nfrom autoreward.child_life import end_with_asker\n"
    endless += f"end_with_asker(sys.{pipe}.fileno(), {str(folder)!r})\nprint(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", endless], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        assert process.poll() is None
        (process.stdin if pipe == "stdin" else process.stdout).close()  # as when the process that asks is killed
        assert process.wait() == 0
    assert not folder.exists()
