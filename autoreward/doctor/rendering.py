"""Whether pictures can be drawn and encoded here."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator

import numpy as np

from autoreward.process_environment import child_command, worker_environment
from autoreward.views import DoctorLine

DEADLINE = 60.0  # [s], one frame in a fresh process
BACKENDS = {  # by the value of MUJOCO_GL: what to install where it does not work
    "egl": "Debian and Ubuntu: apt-get install libegl1 libgl1-mesa-dri (or the GPU's driver).",
    "osmesa": "Debian and Ubuntu: apt-get install libosmesa6.",
}


def check_backends() -> Iterator[DoctorLine]:
    """One frame per GL backend; each in a process of its own, because MuJoCo chooses at import."""
    works = {backend: _render(backend) for backend in BACKENDS}
    some = any(error is None for error in works.values())
    for backend, error in works.items():
        check = f"rendering {backend}"
        if error is None:
            yield DoctorLine(check=check, status="ok", detail="drew one frame")
        else:
            fix = f"MUJOCO_GL of the other backend is enough. {BACKENDS[backend]}" if some else BACKENDS[backend]
            yield DoctorLine(check=check, status="warning", detail=error, fix=fix)


def _render(backend: str) -> str | None:
    """None, or why this backend drew nothing."""
    environment = worker_environment(MUJOCO_GL=backend, PYOPENGL_PLATFORM=backend)
    try:
        done = subprocess.run(
            child_command("-m", "autoreward.doctor.frame"),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
    except subprocess.TimeoutExpired:
        return f"no frame within {DEADLINE:.0f} s"
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return lines[-1][:200] if lines else f"the process ended with {done.returncode}"


def check_video() -> Iterator[DoctorLine]:
    """A short H.264 clip."""
    try:
        import av
    except ImportError as error:
        yield DoctorLine(
            check="video",
            status="warning",
            detail=f"PyAV cannot be imported: no clips of rollouts ({error})",
            fix="pip install --force-reinstall av",
        )
        return
    size = _encode()
    yield DoctorLine(check="video", status="ok", detail=f"encoded a clip of {size} bytes with PyAV {av.__version__}")


def _encode(frames: int = 5) -> int:
    """The size of a clip of a moving square [bytes]."""
    import av

    target = io.BytesIO()
    with av.open(target, mode="w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for index in range(frames):
            picture = np.zeros((64, 64, 3), dtype=np.uint8)
            picture[8 * index : 8 * index + 8, :16] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return target.tell()
