"""Pictures as a clip, in the forms that a clip may have: MP4, or GIF for pages that play nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from numpy.typing import NDArray

from autoreward.environment.stills import STILL_FORM, encode_stills

WIDTH, HEIGHT = 480, 360
GIF_RATE = 10  # frames a second of a clip that is made a GIF
KEY_FRAMES = 12  # frames from one to the next: short, so that scrubbing works

Pictures = Iterator[NDArray[Any]]  # [HEIGHT, WIDTH, 3] uint8, one a frame


def encode_mp4(path: Path, pictures: Pictures, rate: Fraction) -> None:
    """H.264 as every browser plays it, with its index in front."""
    with av.open(str(path), mode="w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "23", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.gop_size = KEY_FRAMES
        stream.thread_count = 1
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def encode_gif(path: Path, pictures: Pictures, rate: Fraction) -> None:
    """A GIF that repeats, with the 256 colours that suit all of its frames."""
    graph, source, sink = _palette_graph(rate)
    with av.open(str(path), mode="w", format="gif") as container:
        stream = container.add_stream("gif", rate=rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "pal8"
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, 1 / rate
            source.push(frame)
        source.push(None)
        for frame in _pulled(sink):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    del graph  # it owns the source and the sink


def as_gif(clip: Path) -> bytes:
    """An MP4 as a GIF of at most GIF_RATE frames a second."""
    with tempfile.TemporaryDirectory(prefix="autoreward-gif-") as folder, av.open(str(clip)) as container:
        rate = Fraction(container.streams.video[0].average_rate or GIF_RATE)
        stride = max(1, round(rate / GIF_RATE))
        shown = (frame for index, frame in enumerate(container.decode(video=0)) if index % stride == 0)
        path = Path(folder) / "clip.gif"
        encode_gif(path, (frame.to_ndarray(format="rgb24") for frame in shown), rate / stride)
        return path.read_bytes()


def _palette_graph(rate: Fraction) -> tuple[Any, Any, Any]:
    """Frames go in at the source; once the last one is in, they come out of the sink in the colours of one palette."""
    graph = av.filter.Graph()
    form = av.VideoFormat("rgb24", WIDTH, HEIGHT)
    source = graph.add_buffer(width=WIDTH, height=HEIGHT, format=form, time_base=1 / rate)
    split, palette, use = graph.add("split"), graph.add("palettegen"), graph.add("paletteuse", "dither=bayer")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph, source, sink


def _pulled(sink: Any) -> Iterator[Any]:
    while True:
        try:
            yield sink.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return


@dataclass(frozen=True)
class ClipForm:
    """How a clip is written: by what, and at most how many frames a second."""

    encode: Callable[[Path, Pictures, Fraction], None]
    most_frames: float  # [1/s]


FORMS = {
    ".mp4": ClipForm(encode_mp4, 30.0),
    ".gif": ClipForm(encode_gif, 15.0),  # it grows with every frame
    STILL_FORM: ClipForm(encode_stills, 4.0),
}
