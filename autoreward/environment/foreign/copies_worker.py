"""`python -m autoreward.environment.foreign.copies_worker`: steps a share of the copies of an environment.

Messages are those of wire.py. Asked: `{"kind": "make", "reference": ...}`, which is not answered;
`{"kind": "take", "count": n}`; `{"kind": "reset", "places": [...], "seeds": [...]}`; `{"kind": "step"}` or
`{"kind": "advance"}` with actions.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward import wire
from autoreward.environment.foreign.copies import Copies, CopiesMade, Moments
from autoreward.environment.foreign.reference import Reference, parse
from autoreward.errors import AutorewardError

REQUEST_LIMIT = 1 << 30  # [bytes]
Answer = tuple[dict[str, Any], dict[str, NDArray[Any]]]


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what somebody's code prints must not mix with the answers
    server: Server | None = None
    with tempfile.TemporaryDirectory(prefix="autoreward-copies-") as folder, answers:
        os.chdir(folder)  # MuJoCo writes its log into the working directory
        while (asked := wire.read(sys.stdin.buffer.read, REQUEST_LIMIT)) is not None:
            if asked.data["kind"] == "make":
                server = Server(parse(asked.data["reference"]))
                continue
            assert server is not None  # it is asked to make them first
            try:
                data, arrays = server.do(asked.data, wire.unpack_arrays(asked.parts))
            except AutorewardError as error:
                data, arrays = {"error": error.message, "remedy": error.remedy}, {}
            answers.write(wire.encode(data, wire.pack_arrays(arrays)))
            answers.flush()


class Server:
    """The copies of one process.

    Args:
        reference: pinned.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._made: CopiesMade | None = None
        self._copies: Copies | None = None

    def do(self, asked: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Answer:
        """The answer to one question."""
        if asked["kind"] == "take":
            self._made = self._made or CopiesMade(self._reference)
            self._copies = self._made.take(asked["count"])
            return {}, {}
        assert self._copies is not None  # some are taken first
        if asked["kind"] == "reset":
            return {}, _arrays(self._copies.reset(np.asarray(asked["places"]), np.asarray(asked["seeds"])))
        if asked["kind"] == "advance":
            return {}, {"ended": self._copies.advance(arrays["actions"])}
        stepped = self._copies.step(arrays["actions"])
        seen = {} if stepped.seen is None else _arrays(stepped.seen)
        ended = np.stack([stepped.terminated, stepped.truncated])
        return {"places": stepped.places, "failures": stepped.failures}, {**seen, "ended": ended}


def _arrays(moments: Moments) -> dict[str, NDArray[Any]]:
    return {"rows": moments.rows} | {f"raw/{name}": array for name, array in moments.raw.items()}


if __name__ == "__main__":
    main()
