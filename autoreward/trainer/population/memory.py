"""Keeps the trainer's process small: a search trains hundreds of rewards in it, one program after the other.

Two things would make it grow. jax keeps what it knows of every program that was ever called (about 35 kB each, up to
thousands); and compiling scatters the heap, so that freed memory is not given back to the system (0.4 MB a training).
"""

from __future__ import annotations

import ctypes

import jax

REMEMBERED = 512  # reward programs after which jax forgets all it knows; its own programs come back from the disk


class Housekeeping:
    """To be told after every job."""

    def __init__(self) -> None:
        self._programs = 0
        process = ctypes.CDLL(None)
        self._trim = process.malloc_trim if hasattr(process, "malloc_trim") else None  # glibc has it

    def after_job(self, programs: int) -> None:
        """Give back what a job with so many reward programs has left behind; takes milliseconds."""
        self._programs += programs
        if self._programs >= REMEMBERED:
            jax.clear_caches()
            self._programs = 0
        if self._trim is not None:
            self._trim(0)
