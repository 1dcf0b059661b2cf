"""Pictures of an episode of somebody else's environment, by its own renderer: played again, from seed and actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.environment.foreign.layout import Layout
from autoreward.environment.foreign.making import make, quiet, said
from autoreward.environment.foreign.reference import Reference
from autoreward.errors import RenderingError

USUAL_PERIOD = 1.0 / 30.0  # [s] a step, where nothing tells how long it lasts
RENDER_MODE = "rgb_array"


@dataclass(frozen=True)
class OwnScene:
    """An environment that is drawn.

    Attributes:
        env: made with its renderer.
        layout: how its actions are read.
    """

    env: Any
    layout: Layout

    @property
    def period(self) -> float:
        """Time between two steps [s]."""
        return self.layout.control_period if self.layout.period_origin else USUAL_PERIOD

    def pictures(
        self, movement: Float[np.ndarray, "L m"], stride: int, size: tuple[int, int]
    ) -> Iterator[NDArray[Any]]:
        """Pictures `[height, width, 3]`, one each `stride` steps.

        Args:
            movement: seed and action of each step.
            size: (height, width).

        Raises:
            RenderingError: it gives no picture.
        """
        who = self.layout.reference.id
        with quiet(), said(f"{who} cannot be drawn"):
            self.env.reset(seed=int(movement[0, 0]))
            for t, action in enumerate(self.layout.actions.actions(movement[:, 1:])):
                self.env.step(action)
                if t % stride == 0:
                    yield _fitted(who, self.env.render(), size)


def own_scene(reference: Reference) -> OwnScene:
    """The environment of a reference, ready to be drawn.

    Raises:
        RenderingError: it has no renderer for pictures.
    """
    env = make(reference, RENDER_MODE)
    if getattr(env, "render_mode", None) != RENDER_MODE:
        modes = (getattr(env.unwrapped, "metadata", None) or {}).get("render_modes", [])
        raise RenderingError(
            f"{reference.id} draws no pictures: its render modes are {modes}, expected {RENDER_MODE}.",
            f"It takes render_mode={RENDER_MODE!r}, keeps it in self.render_mode, and render() returns an array.",
        )
    return OwnScene(env, Layout(reference, env))


def _fitted(who: str, picture: Any, size: tuple[int, int]) -> NDArray[Any]:
    """A picture of any size in one of this size, with black beside it."""
    picture = np.asarray(picture)
    if picture.ndim != 3 or picture.shape[-1] != 3 or picture.dtype != np.uint8:
        raise RenderingError(
            f"{who}: render() gives {picture.dtype} {picture.shape}, expected uint8 [height, width, 3]."
        )
    scale = min(size[0] / picture.shape[0], size[1] / picture.shape[1])
    height, width = (max(2, round(length * scale) // 2 * 2) for length in picture.shape[:2])
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    scaled = frame.reformat(width=width, height=height).to_ndarray()
    canvas = np.zeros((*size, 3), np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    canvas[top : top + height, left : left + width] = scaled
    return canvas
