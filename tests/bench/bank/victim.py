"""Trains a tiny bank and kills itself while the second chunk trains: `python bank_victim.py FOLDER`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from autoreward.bench.bank.stored import read_chunk
from autoreward.bench.bank.training import BankPlace, train_bank
from autoreward.views import ProgressEvent
from tests.bench.bank.test_training import ENV, SETTINGS, SIZE, TASK


def main(folder: Path) -> None:
    """Train, and end in the middle."""

    def tell(event: ProgressEvent) -> None:
        if read_chunk(folder, 0) is not None:
            os.kill(os.getpid(), signal.SIGKILL)

    train_bank(BankPlace(ENV, TASK, folder), SIZE, SETTINGS, tell)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
