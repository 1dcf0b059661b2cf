"""The GPU's side of the physics seam: N simulations of one model as pure jax functions, on MJX. See c_simulation.py.

MJX computes in float32 and knows neither every solver nor every array of MuJoCo; where a model has to be changed for
it, its pack says so (`MJX`), and what comes out is another physics than that of the C simulation.

MJX has two implementations of it: "jax", and "warp", MuJoCo Warp's kernels called from jax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import fields
from importlib import metadata
from io import StringIO
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
from jaxtyping import Bool, Float, Float32

from autoreward.environment.pack import MjxChanges, Pack
from autoreward.environment.simulation.model import load_model
from autoreward.errors import EnvironmentFailedError
from autoreward.process_environment import compilation_cache_directory

Array = Any

LARGEST = 1e10  # MuJoCo's own bound (mjMAXVAL): beyond it, or not finite, a simulation has diverged
INSTALL = "pip install 'mujoco-mjx==3.11.0'"
INSTALL_WARP = "pip install 'mujoco-mjx[warp]==3.11.0'"
JAX, WARP = "jax", "warp"
OTHERWISE_CONTACTS, OTHERWISE_ROWS = 64, 256  # of a simulation, where the geometry does not say
# What each stage of the forward computation gives: a reset goes no further than what the pack reads.
_FROM_KINEMATICS = frozenset(
    (
        "qpos", "qvel", "xpos", "xquat", "xmat", "xipos", "ximat", "xanchor", "xaxis", "geom_xpos", "geom_xmat",
        "site_xpos", "site_xmat",
    )
)  # fmt: skip
_FROM_STATE = _FROM_KINEMATICS | {"subtree_com", "cinert", "cdof", "cvel", "cdof_dot"}
_FROM_ACTUATORS = frozenset(("qfrc_actuator", "actuator_force", "actuator_length", "qfrc_passive", "qfrc_bias"))


class Physics(NamedTuple):
    """N simulations; every array is `[N, ...]` float32."""

    arrays: dict[str, Float32[Array, "N ..."]]  # those asked for; derived ones are one substep old, as in `mj_step`
    warmstart: Float32[Array, "N nv"]  # where the constraint solver begins
    activation: Float32[Array, "N na"]


class MjxSimulation:
    """Reset and step of N simulations at once; N is whatever the arrays have.

    Args:
        model: the model, changed as the pack says.
        names: the MuJoCo arrays that are wanted.
        frames: simulation steps a control step.
        impl: which of MJX's implementations computes, "jax" or "warp".

    Raises:
        EnvironmentFailedError: MJX or Warp is missing, or cannot run this model.
    """

    def __init__(self, model: mujoco.MjModel, names: Sequence[str], frames: int, impl: str = JAX) -> None:
        self._mjx = _mjx()
        self._names = tuple(names)
        self._frames = frames
        self._impl = impl
        if impl == WARP:
            _quiet_warp()
        try:
            self._model = self._mjx.put_model(model, impl=impl)
        except NotImplementedError as error:
            raise EnvironmentFailedError(
                f"MJX cannot run this model: {error}.",
                "Train on the CPU (--device cpu), or let the pack change the model: MJX = {...}; see envs/humanoid.",
            ) from error
        self._source = model
        self._blank = self._blank_for(1)
        self._check_names()
        self._shapes = _shapes(model, self._names)

    @property
    def bytes_each(self) -> int:
        """What one simulation's `mjx.Data` holds [bytes]."""
        return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(self._blank))

    def _blank_for(self, count: int) -> Any:
        """One simulation's `mjx.Data`, before it has moved; Warp keeps the contacts of all `count` of them in it."""
        if self._impl == JAX:
            return self._mjx.make_data(self._source, impl=JAX)
        with jax.ensure_compile_time_eval():  # this may be asked for while a program is traced
            contacts, rows = _most_contacts(self._mjx, self._source)
            blank = self._mjx.make_data(self._source, impl=WARP, naconmax=count * contacts, njmax=rows)
            blank = jax.tree.map(np.asarray, blank)
        return jax.tree.map(_not_stored, blank)

    def reset(self, qpos: Float[Array, "N nq"], qvel: Float[Array, "N nv"]) -> Physics:
        """Simulations at rest in their solver, with motors off."""
        blank = self._blank_for(len(qpos))

        def one(qpos: Array, qvel: Array) -> Physics:
            taken = self._taken(self._derived(blank.replace(qpos=qpos, qvel=qvel)))
            # MJX normalises the quaternions in qpos, the C simulation only what it derives from them.
            return Physics(taken.arrays | {"qpos": qpos}, jnp.zeros_like(qvel), taken.activation)

        with jax.default_matmul_precision("highest"):
            started: Physics = jax.vmap(one)(jnp.asarray(qpos, jnp.float32), jnp.asarray(qvel, jnp.float32))
            return started

    def step(
        self, physics: Physics, ctrl: Float[Array, "N nu"], mocap_pos: Float[Array, "N nmocap 3"] | None = None
    ) -> tuple[Physics, Bool[Array, " N"]]:
        """Advance all by one control step under `ctrl`; also which diverged.

        As in the C simulation, a command that is not a number counts as a divergence. It never reaches the solver:
        one simulation that cannot converge would keep all the others waiting.
        """
        blank = self._blank_for(len(ctrl))

        if mocap_pos is None:
            mocap_pos = jnp.broadcast_to(blank.mocap_pos, (len(ctrl), *blank.mocap_pos.shape))

        def one(physics: Physics, ctrl: Array, mocap_pos: Array) -> Physics:
            blank_here = blank.replace(mocap_pos=jnp.asarray(mocap_pos, jnp.float32))
            if self._impl == WARP:  # its kernels change one `mjx.Data` in place
                begun = self._data(blank_here, physics, ctrl)
                return self._taken(jax.lax.fori_loop(0, self._frames, lambda _, now: self._stepped(now), begun))
            return jax.lax.fori_loop(  # type: ignore[no-any-return]
                0, self._frames, lambda _, now: self._taken(self._stepped(self._data(blank_here, now, ctrl))), physics
            )

        wrong = ~jnp.all(jnp.isfinite(ctrl), axis=-1)
        # Without "highest" a GPU multiplies matrices in TF32, with 10 bits of mantissa.
        with jax.default_matmul_precision("highest"):
            moved = jax.vmap(one)(physics, jnp.where(wrong[:, None], 0.0, ctrl), mocap_pos)
        state = jnp.concatenate([moved.arrays["qpos"], moved.arrays["qvel"], moved.warmstart], axis=-1)
        sound = jnp.all(jnp.abs(state) <= LARGEST, axis=-1)  # false for NaN
        return moved, wrong | ~sound

    def _stepped(self, data: Any) -> Any:
        return self._mjx.step(self._model, data)

    @staticmethod
    def _data(blank: Any, physics: Physics, ctrl: Array) -> Any:
        return blank.replace(
            qpos=physics.arrays["qpos"], qvel=physics.arrays["qvel"], act=physics.activation,
            qacc_warmstart=physics.warmstart, ctrl=ctrl,
        )  # fmt: skip

    def _taken(self, data: Any) -> Physics:
        arrays = {name: jnp.reshape(_array(data, name), self._shapes[name]) for name in self._names}
        return Physics(arrays, data.qacc_warmstart, data.act)

    def _derived(self, data: Any) -> Any:
        """The arrays that the pack reads, from qpos and qvel."""
        mjx, model, names = self._mjx, self._model, frozenset(self._names)
        if names <= _FROM_KINEMATICS:
            return mjx.kinematics(model, data)
        if self._impl == WARP or not names <= _FROM_STATE | _FROM_ACTUATORS:  # Warp has no more stages of its own
            return mjx.forward(model, data)
        data = mjx.com_pos(model, mjx.kinematics(model, data))
        if names <= _FROM_STATE:
            return mjx.com_vel(model, data)
        for stage in (mjx.camlight, mjx.tendon, mjx.transmission, mjx.fwd_velocity, mjx.fwd_actuation):
            data = stage(model, data)
        return data

    def _check_names(self) -> None:
        missing = [name for name in self._names if _array(self._blank, name) is None]
        if missing:
            raise EnvironmentFailedError(
                f"The pack reads {', '.join(missing)}, which MJX does not have.",
                "Train on the CPU (--device cpu), or read other arrays in DATA.",
            )


def load_mjx_model(pack: Pack) -> mujoco.MjModel:
    """The pack's model with the changes that it needs for MJX."""
    model = load_model(pack)
    _apply(model, pack.mjx or MjxChanges())
    return model


def has_warp() -> bool:
    """Whether MuJoCo Warp can be used."""
    try:
        metadata.version("warp-lang")  # a folder named "warp" can be imported too
    except metadata.PackageNotFoundError:
        return False
    return True


def mjx_problem(pack: Pack, impl: str = JAX) -> str | None:
    """Why this pack cannot be run on this implementation of MJX; None if it can."""
    if pack.randomise:
        return "it randomises the model of each simulation, which MJX is not prepared for here."
    try:
        MjxSimulation(load_mjx_model(pack), (*pack.data, "qpos", "qvel"), pack.frame_skip, impl)
    except EnvironmentFailedError as error:
        return error.message
    return None


def _apply(model: mujoco.MjModel, changes: MjxChanges) -> None:
    if changes.solver is not None:
        model.opt.solver = int(getattr(mujoco.mjtSolver, f"mjSOL_{changes.solver.upper()}"))
    if changes.iterations is not None:
        model.opt.iterations = changes.iterations
    if changes.ls_iterations is not None:
        model.opt.ls_iterations = changes.ls_iterations
    if changes.zero_margin:
        model.geom_margin[:] = 0.0
        model.pair_margin[:] = 0.0


def _mjx() -> Any:
    try:
        with redirect_stdout(StringIO()):  # it prints that warp is not there, where data may be written
            import mujoco.mjx as mjx
    except ImportError as error:
        raise EnvironmentFailedError("MJX is not installed: physics on a GPU needs it.", INSTALL) from error
    return mjx


def _quiet_warp() -> None:
    """Warp with few messages, its compiled kernels beside those of jax."""
    if not has_warp():
        raise EnvironmentFailedError("MuJoCo Warp is not installed.", INSTALL_WARP)
    import warp

    warp.config.log_level = warp.LOG_ERROR  # its line about a missing CUDA driver comes all the same
    warp.config.kernel_cache_dir = str(compilation_cache_directory() / "warp")


def _most_contacts(mjx: Any, model: mujoco.MjModel) -> tuple[int, int]:
    """Room for contacts, and for rows of constraints, of one simulation in Warp's arrays; it drops what does not fit.

    Source: what the jax implementation counts for the model; Warp may count pairs of geoms differently.
    """
    try:
        most = mjx.make_data(model, impl=JAX)._impl
    except NotImplementedError:
        return OTHERWISE_CONTACTS, OTHERWISE_ROWS
    return max(1, int(most.ncon)), max(1, int(most.nefc))


def _not_stored(array: Array) -> Array:
    """An array that has one value everywhere, such as room for thousands of contacts, is made by the program."""
    same = array.size > 1 and (array == array.flat[0]).all()
    return jnp.full(array.shape, array.flat[0], array.dtype) if same else jnp.asarray(array)


def _array(data: Any, name: str) -> Any:
    """An array of `mjx.Data`, some of which lie in the part that belongs to the implementation; None: it has none."""
    owner = data if name in {field.name for field in fields(data)} else data._impl
    return getattr(owner, name, None)


def _shapes(model: mujoco.MjModel, names: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    """Shapes as the C simulation has them: MJX folds some, `xmat [nbody, 3, 3]` for `[nbody, 9]`."""
    data = mujoco.MjData(model)
    return {name: np.shape(getattr(data, name)) for name in names}
