"""The limit in `bench train`, in a process of its own: the batched simulation alone, doing what a training asked for.

    python -m autoreward.bench.replay RECORDING --env half_cheetah --task forward --length 8

The actions, the resets and so the states are those of our own training; the state at the end of every iteration is
compared with the recorded one, so it is the same work. Nothing is observed, rewarded or learned.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from autoreward.bench.machine import peak_memory
from autoreward.bench.recording import Recording
from autoreward.bench.windows import Over, PipeGate, Windows
from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.environment.task import pack_for_task


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay until no further window is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--env", required=True)
    parser.add_argument("--task")
    parser.add_argument("--length", type=int, required=True)
    options = parser.parse_args(arguments)
    recording = Recording(options.recording, load_model(pack_for_task(load_pack(options.env), options.task)))
    windows = Windows(PipeGate(), options.length)
    try:
        for iteration, _ in enumerate(recording.iterations(), start=1):
            windows.end_of_iteration(iteration >= recording.warm, peak_memory=peak_memory())
    except Over:
        return


if __name__ == "__main__":
    main()
