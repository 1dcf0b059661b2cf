"""A search by SAC that is killed while it learns goes on where its learner was."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autoreward.ledger.arrays import read_arrays
from tests.commands import run_process

STEPS, CHUNK = 1600, 64
SMALL = {
    "candidates": 1, "generations": 1, "seeds": 1, "n_timesteps": STEPS, "final_seeds": 1, "evaluation_episodes": 1,
    "clips": "false", "off_policy.net_arch": [16], "off_policy.batch_size": 32, "off_policy.checkpoint_seconds": 0.1,
}  # fmt: skip
DESIGN = [
    "--json", "--yes", "design", "Swing it up.", "--env", "Pendulum-v1", "--metric", "env:return", "--algo", "sac",
    "--model", "compose",
]  # fmt: skip


def done_in(checkpoint: Path) -> int:
    """Environment steps that a learner had behind it."""
    return int(read_arrays(checkpoint)["learner/done"][0]) * CHUNK


@pytest.mark.thorough
def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    pytest.importorskip("stable_baselines3")
    settings = [f"--set={name}={value}" for name, value in SMALL.items()]
    with (tmp_path / "told").open("w") as told:
        search = subprocess.Popen(
            [sys.executable, "-m", "autoreward", *DESIGN, *settings],
            cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=told, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        while not (kept := list(tmp_path.glob("runs/*/training/*/*.npz"))):
            assert search.poll() is None, (tmp_path / "told").read_text()
            time.sleep(0.02)  # only how soon it is seen
        search.send_signal(signal.SIGKILL)
        search.wait()
    behind = done_in(kept[0])
    assert 0 < behind < STEPS
    resumed = run_process(tmp_path, "--json", "resume", "last")
    assert resumed.code == 0, resumed.err
    first = re.search(r"training · (\d+) % of", resumed.err)
    assert first is not None and int(first.group(1)) >= int(100 * behind / STEPS), (behind, resumed.err)
    shown = json.loads(run_process(tmp_path, "--json", "show", "last").out)
    assert shown["status"] == "done" and np.isfinite(shown["best"]["fitness"]["mean"])
    assert not list(tmp_path.glob("runs/*/training/*/*.npz"))  # nobody needs it any more
