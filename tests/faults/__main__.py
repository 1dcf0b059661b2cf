"""`python -m tests.faults [NAME...]`: the faults (whose names hold a word) as a table: case, seen, right."""

from __future__ import annotations

import sys

from tests.faults.case import all_cases
from tests.faults.trial import tried


def main(words: list[str]) -> int:
    """Tries the faults one after the other; 1 where any came out wrong."""
    wrong = 0
    chosen = [case for case in all_cases() if not words or any(word in case.name for word in words)]
    print(f"{'case':44} | {'':5} | {'seen':62} | right")
    for case in chosen:
        seen = tried(case)
        good = not seen.wrong(case)
        wrong += not good
        print(f"{case.name:44} | {'ok' if good else 'WRONG':5} | {seen.short()[:62]:62} | {case.right}", flush=True)
        for line in seen.wrong(case):
            print(f"{'':44} |       |   {line}")
    print(f"{len(chosen) - wrong} of {len(chosen)} as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
