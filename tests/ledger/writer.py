"""Writes events and files for ever, and says so after each one: `python writer.py RUN`. Made to be killed."""

import sys
from pathlib import Path

from autoreward.ledger import Run
from autoreward.records import Note


def main(path: Path) -> None:
    with Run.open(path, write=True) as run:
        number = sum(1 for _ in run.events("step"))
        while True:
            number += 1
            run.append("step", str(number), Note(id=number, text="x" * (number % 7) * 1000))
            print(f"event {number}", flush=True)
            run.write_file(f"candidates/{number % 3}/whole.txt", f"{number}\n" * 20_000)
            print(f"file {number}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
