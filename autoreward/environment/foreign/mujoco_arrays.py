"""What MuJoCo knows of the state of an environment, where its model and data can be reached: fields by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward.environment.foreign.facts import FieldPlace
from autoreward.environment.foreign.spaces import identifier
from autoreward.records import FieldSpec

ARRAYS = ("qpos", "qvel", "xpos", "site_xpos", "sensordata")
MOST_BODIES = 40
XYZ = ("x", "y", "z")
_SLIDE, _HINGE, _FREE, _BALL = (
    mujoco.mjtJoint.mjJNT_SLIDE,
    mujoco.mjtJoint.mjJNT_HINGE,
    mujoco.mjtJoint.mjJNT_FREE,
    mujoco.mjtJoint.mjJNT_BALL,
)
_ENTRIES = {_FREE: (("x", "y", "z", "qw", "qx", "qy", "qz"), ("vx", "vy", "vz", "wx", "wy", "wz")),
            _BALL: (("qw", "qx", "qy", "qz"), ("wx", "wy", "wz"))}  # fmt: skip


class MujocoArrays:
    """The fields of a model, and their numbers.

    Args:
        model: mujoco.MjModel.
    """

    def __init__(self, model: Any) -> None:
        self.places: dict[str, FieldPlace] = {}  # of each field, in flat arrays
        specs = [*self._joints(model), *self._points(model), *self._sensors(model)]
        self.specs = tuple(spec for spec in specs if spec.name.isidentifier())
        self.arrays = tuple(dict.fromkeys(self.places[spec.name].key for spec in self.specs))

    def read(self, datas: Sequence[Any]) -> dict[str, NDArray[Any]]:
        """Copies of the arrays that fields are made of, flat `[n, numbers]`, of n times mujoco.MjData."""
        count = len(datas)
        return {
            name: np.concatenate([getattr(data, name) for data in datas]).reshape(count, -1) for name in self.arrays
        }

    def _add(self, array: str, start: int, name: str, **facts: Any) -> FieldSpec:
        spec = FieldSpec(name=name, observable=False, **facts)
        self.places[name] = FieldPlace(source="mujoco", key=array, start=start, size=math.prod(spec.shape))
        return spec

    def _joints(self, model: Any) -> list[FieldSpec]:
        places, speeds = _joint_entries(model)
        specs = [
            self._add("qpos", 0, "qpos", shape=(model.nq,), unit="mixed", components=places,
                      meaning="positions of the joints: m along slides, rad about hinges, quaternions (w, x, y, z)"),
            self._add("qvel", 0, "qvel", shape=(model.nv,), unit="mixed", components=speeds,
                      meaning="velocities of the joints: m/s along slides, rad/s about hinges"),
        ] if model.nq else []  # fmt: skip
        for joint in range(model.njnt):
            name = identifier(model.joint(joint).name or f"joint_{joint}")
            address, kind = int(model.jnt_dofadr[joint]), int(model.jnt_type[joint])
            if kind == _SLIDE:
                axis = _axis(model.jnt_axis[joint])
                specs.append(self._add("qvel", address, f"{name}_velocity", unit="m/s", frame="world",
                                       meaning=f"velocity of the slide {name}{axis}"))  # fmt: skip
            elif kind == _FREE:
                body = identifier(model.body(int(model.jnt_bodyid[joint])).name or name)
                specs.append(self._add("qvel", address, f"{body}_velocity", shape=(3,), unit="m/s",
                                       frame="world", components=XYZ, meaning=f"velocity of {body}"))  # fmt: skip
        return specs

    def _points(self, model: Any) -> list[FieldSpec]:
        specs = []
        for array, count, first, word in (("xpos", model.nbody, 1, "body"), ("site_xpos", model.nsite, 0, "site")):
            if count - first > MOST_BODIES:
                continue
            for place in range(first, count):
                name = identifier(getattr(model, word)(place).name)
                field = f"{name}_position" if word == "body" else f"{name}_site"
                if name and field not in self.places:
                    specs.append(self._add(array, 3 * place, field, shape=(3,), unit="m", frame="world", components=XYZ,
                                           meaning=f"position of the {word} {name}"))  # fmt: skip
        return specs

    def _sensors(self, model: Any) -> list[FieldSpec]:
        specs = []
        for sensor in range(model.nsensor):
            name = identifier(model.sensor(sensor).name)
            start, size = int(model.sensor_adr[sensor]), int(model.sensor_dim[sensor])
            if name and f"{name}_sensor" not in self.places:
                specs.append(self._add("sensordata", start, f"{name}_sensor", shape=(size,) if size > 1 else (),
                                       unit="unknown", meaning=f"what the sensor {name} reads"))  # fmt: skip
        return specs


def reach(env: Any) -> tuple[Any, Any] | None:
    """MuJoCo's model and data below an environment; None where there are none.

    They lie in `env.unwrapped`, or in the `physics` of dm_control below shimmy.
    """
    bare = getattr(env, "unwrapped", env)
    found = _model_and_data(bare)
    if found is not None:
        return found
    for name in ("physics", "_env"):
        inner: Any = getattr(bare, name, None)
        physics: Any = getattr(inner, "physics", inner)
        if hasattr(physics, "model") and hasattr(physics.model, "ptr"):
            return physics.model.ptr, physics.data.ptr
    return None


def _model_and_data(bare: Any) -> tuple[Any, Any] | None:
    model, data = getattr(bare, "model", None), getattr(bare, "data", None)
    return (model, data) if isinstance(model, mujoco.MjModel) and isinstance(data, mujoco.MjData) else None


def _joint_entries(model: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The name of each entry of qpos and of qvel."""
    places: list[str] = []
    speeds: list[str] = []
    for joint in range(model.njnt):
        name = model.joint(joint).name or f"joint_{joint}"
        entries = _ENTRIES.get(int(model.jnt_type[joint]))
        places += [f"{name}.{entry}" for entry in entries[0]] if entries else [name]
        speeds += [f"{name}.{entry}" for entry in entries[1]] if entries else [name]
    return tuple(places), tuple(speeds)


def _axis(axis: NDArray[Any]) -> str:
    """ " along x" where a slide goes along an axis."""
    place = int(np.abs(axis).argmax())
    return f" along {XYZ[place]}" if axis[place] > 0.99 else f" along -{XYZ[place]}" if axis[place] < -0.99 else ""
