"""A served folder of runs with a run that never happened: candidates, curves, tiny clips; and hostile texts in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from autoreward.config import Settings
from autoreward.environment.clip_encoding import HEIGHT, WIDTH, encode_mp4
from autoreward.ledger import Run
from autoreward.ledger.recordings import write_recordings
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.records import Analysis, CurvePoint, Generation, Symptom, TermReport
from autoreward.search.events import ANALYSIS, GENERATION, STARTED, STOPPED, Started, Stopped
from autoreward.web.guard import Access
from autoreward.web.server import bind, make_server
from tests.search.stored_run import add_candidate, add_training, member, new_run

HOSTILE = '"""</code></pre></video><script>document.title = "taken"</script><img src=x onerror=alert(1)>"""\n'
STEPS = 20
PERIOD = 0.05  # [s]
TOKEN = "token-of-the-test"


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    base: str
    run: Path

    @property
    def address(self) -> str:
        """What `ui` prints."""
        return f"{self.base}/?token={TOKEN}"

    def of_run(self, part: str = "") -> str:
        """The page of the run, or one below it."""
        return f"{self.base}/runs/{self.run.name}{part}"


@contextmanager
def serving(runs: Path, run: Path) -> Iterator[Served]:
    """Serves a folder of runs, in a thread."""
    with bind(20_000) as listening:
        access = Access(listening.getsockname()[1], TOKEN)
        server = make_server(Settings(runs=str(runs)), access)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{access.port}", run)
        finally:
            server.should_exit = True
            thread.join()


def told_run(folder: Path, candidates: int = 4, clips: int = 4) -> Path:
    """A finished run of two generations; the first candidate's author is hostile.

    Args:
        candidates: in all.
        clips: that are drawn.
    """
    names = [f"g{index * 2 // candidates:02d}c{index % ((candidates + 1) // 2):02d}" for index in range(candidates)]
    with new_run(folder) as run:
        run.append(STARTED, "", Started(designer="compose", base_url=None))
        for place, name in enumerate(names):
            parents = (names[0],) if name.startswith("g01") else ()
            source = (HOSTILE if place == 0 else "") + f"WEIGHTS = {{'up': {place + 1}.0, 'calm': 0.5}}\n"
            add_candidate(run, name, parents=parents, source=source, plan=HOSTILE if place == 0 else "")
            run.append(ANALYSIS, name, _analysis(name, place))
            record_movement(run, name)
            if place >= candidates - clips:
                run.write_file(f"candidates/{name}/video.mp4", tiny_clip())
        for generation in ("g00", "g01"):
            own = [name for name in names if name.startswith(generation)]
            add_training(run, generation, [member(name, 0, 0.1 * names.index(name)) for name in own])
            best = Generation(index=int(generation[1:]), candidates=tuple(own), best=names[-1])
            run.append(GENERATION, generation, best)
        run.append(STOPPED, "", Stopped(status="done", seconds=1.0))
    return run.path


def record_movement(run: Run, name: str) -> None:
    """A first evaluation episode that earns 1 a step."""
    times = PERIOD * np.arange(1, STEPS + 1, dtype=np.float32)
    seen = Trajectory({"time": times}, np.zeros((STEPS, 1), np.float32), np.ones((STEPS, 1), np.float32))
    clips = {"first": np.zeros((STEPS, 6), np.float32)}
    write_recordings(run, name, [MemberRecording(name, 0, ("up",), trajectories={"first": seen}, clips=clips)])


def _analysis(name: str, place: int) -> Analysis:
    curve = tuple(
        CurvePoint(env_steps=steps, success=0.001 * steps * place, progress=0.5, own_return=1.0, length=20.0)
        for steps in (50, 100)
    )
    term = TermReport(name="up", weight=1.0, share=1.0, low=0.0, high=1.0, start=0.1, end=0.9, correlation=None)
    symptom = Symptom(name="plateau", evidence="it <b>stands</b>")
    return Analysis(
        candidate=name, fitness=None, progress=None, curve=curve, terms=(term,), total_correlation=None,
        episode_length=20.0, symptoms=(symptom,), trajectories=(),
    )  # fmt: skip


@cache
def tiny_clip() -> bytes:
    """One second of a square that moves."""

    def pictures() -> Iterator[np.ndarray]:
        for frame in range(STEPS):
            picture = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
            picture[100:160, 10 * frame : 10 * frame + 60] = 40
            yield picture

    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        encode_mp4(path, pictures(), Fraction(20))
        return path.read_bytes()
