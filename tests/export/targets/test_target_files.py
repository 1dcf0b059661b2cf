"""The terms in torch and in jax: those of the numpy file, over arrays of somebody else's simulation."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.random_rollout import describe_environment, flatten_transitions, random_rollout
from autoreward.environment.vector_env import Rollout
from autoreward.errors import UnknownNameError, UsageError
from autoreward.export.environment_file import export_environment
from autoreward.export.reward_file import reward_file
from autoreward.export.targets.target_files import TARGET_FILES, check_targets, export_target
from autoreward.pack_tools.scaffold import new_pack
from autoreward.records import CompiledReward, EnvSpec, Transitions
from autoreward.records.form import Form
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.export.targets.simulated import ORIGINS, PREFIX, Scene, lazily, namespace, scene_of
from tests.pack_tools.conftest import MODELS
from tests.pack_tools.scaffold.test_trade_fields import QUADRUPED

STEPS, GAMMA = 25, 0.99
SOURCE = """WEIGHTS = {{{weights}}}
PARAMS = {{"scale": 0.5}}


def reward_terms(state, action, next_state, params):
    return {{{terms}"scaled": params["scale"] * next_state.trunk_height}}


def potential(state, params):
    return -params["scale"] * jnp.abs(state.trunk_height - 0.3)
"""


@dataclass(frozen=True)
class Exported:
    """A reward of every term of the trade for a quadruped, and a rollout of it."""

    folder: Path
    pack: Pack
    spec: EnvSpec
    rollout: Rollout
    transitions: Transitions
    source: str
    compiled: CompiledReward

    def file(self, target: str) -> ModuleType:
        """The exported file of a target, imported."""
        path = self.folder / TARGET_FILES[target]
        if not path.exists():
            export_target(self.folder, target, self.pack, self.spec, self.source, self.compiled, GAMMA, "Walk.")
        return imported(path)

    def reward(self) -> ModuleType:
        """The numpy file."""
        path = self.folder / "reward.py"
        path.write_text(reward_file(self.source, self.compiled, self.spec, GAMMA, "Walk."))
        return imported(path)


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"exported_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Exported:
    folder = tmp_path_factory.mktemp("robots")
    new_pack(str(folder / "quadruped"), MODELS / "quadruped.xml", commands=("velocity", "heading"))
    pack = load_pack(str(folder / "quadruped"))
    env, rollout = random_rollout(pack, num_envs=4, num_steps=STEPS)
    transitions = flatten_transitions(env, rollout)
    spec = describe_environment(pack, env, transitions)
    names = [line.split('"')[1] for line in QUADRUPED.splitlines() if line.startswith('    "')]
    weights = ", ".join(f'"{name}": {0.5 + 0.1 * place}' for place, name in enumerate([*names, "scaled"]))
    source = SOURCE.format(weights=weights, terms=QUADRUPED)
    reply = sandbox.trace_reward(source, spec)
    assert reply.compiled is not None, reply
    (folder / "out").mkdir()
    export_environment(folder / "out", pack, spec)
    return Exported(folder / "out", pack, spec, rollout, transitions, source, reply.compiled)


def close(one: Any, other: Any, tolerance: float = 1e-5) -> None:
    np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=tolerance, atol=tolerance)


def test_terms_on_stored_transitions(exported: Exported) -> None:
    """Both are within 1e-5 of the numpy file."""
    torch = pytest.importorskip("torch")
    given = exported.transitions
    expected = exported.reward().reward_terms_of(given.state, given.action, given.next_state)
    mjlab = exported.file("mjlab")
    state, next_state = (
        {name: torch.from_numpy(array.copy()) for name, array in one.items()} for one in (given.state, given.next_state)
    )
    seen = mjlab.terms_of(state, torch.from_numpy(given.action.copy()), next_state)
    assert set(seen) == {*expected, "potential"}
    playground = exported.file("playground")
    by_jax = jax.vmap(playground.terms_of)(
        {name: given.state[name] for name in playground.FIELDS if name in given.state},
        given.action,
        {name: given.next_state[name] for name in playground.FIELDS if name in given.next_state},
    )
    for name, array in expected.items():
        close(seen[name], array)
        close(by_jax[name], array)


def ours(exported: Exported) -> dict[str, np.ndarray]:
    """The terms of the first two environments as training sees them, [T, 2]."""
    given = exported.transitions
    terms = exported.reward().reward_terms_of(given.state, given.action, given.next_state)
    return {name: array.reshape(STEPS, -1)[:, :2] for name, array in terms.items()}


def manager_env(exported: Exported, scene: Scene) -> Any:
    """What mjlab's and Isaac Lab's environments have in common."""
    torch = pytest.importorskip("torch")
    commands = {"twist": "command", "base_velocity": "command", "heading_goal": "heading"}
    env = namespace(num_envs=2, device="cpu", step_dt=0.02, common_step_counter=0)
    env.episode_length_buf = torch.zeros(2, dtype=torch.long)
    env.termination_manager = namespace(terminated=torch.zeros(2, dtype=torch.bool))
    env.command_manager = namespace(
        get_command=lambda name: torch.from_numpy(
            exported.rollout.memory_after[commands[name]][env.common_step_counter - 1, :2].astype(np.float32)
        )
    )
    env.scene = lazily(None)
    return env


class Env:
    """Attributes of an environment; can be a key of a weak dictionary."""

    def __init__(self, values: Any) -> None:
        self.__dict__.update(vars(values))


def run(env: Any, scene: Scene, terms: Callable[[], dict[str, Any]], expected: dict[str, np.ndarray]) -> None:
    """Each step's terms are those of training; in the first one `state` is not known to a manager."""
    assert scene.steps > 8
    for t in range(scene.steps):
        scene.step(t)
        env.common_step_counter, env.episode_length_buf = t + 1, env.episode_length_buf + 1
        seen = terms()
        for name in expected if t else ():
            np.testing.assert_allclose(seen[name], expected[name][t], rtol=2e-3, atol=2e-3, err_msg=f"{name} at {t}")


def from_second_step(names: Any) -> list[str]:
    """Terms that need more of the past than a manager has shown by the second step."""
    return [name for name in names if name not in ("action_smoothness", "centre_of_mass_velocity", "feet_slide",
                                                   "foot_clearance", "feet_air_time")]  # fmt: skip


def test_mjlab_reads_its_own_simulation(exported: Exported) -> None:
    torch = pytest.importorskip("torch")
    scene = Scene(scene_of(exported.pack), exported.rollout, exported.pack.frame_skip)
    values = manager_env(exported, scene)
    values.sim = namespace(mj_model=scene.model, data=lazily(lambda name: torch.from_numpy(scene.array(name))))
    values.scene = namespace(env_origins=torch.from_numpy(ORIGINS.astype(np.float32)))
    env, module = Env(values), exported.file("mjlab")
    options = {"commands": {"heading": "heading_goal"}, "rename": {}}
    names = list(ours(exported))

    def terms() -> dict[str, Any]:
        return {name: module.designed_term(env, name, **options).numpy() for name in [*names, "potential"]}

    run(env, scene, terms, {name: array for name, array in ours(exported).items() if name in from_second_step(names)})
    assert env.step_dt == module.PACK.CONTROL_PERIOD


def test_a_part_that_is_not_there_is_named_by_the_terms_that_read_it(exported: Exported) -> None:
    torch = pytest.importorskip("torch")
    scene = Scene(scene_of(exported.pack), exported.rollout, exported.pack.frame_skip)
    values = manager_env(exported, scene)
    values.sim = namespace(mj_model=scene.model, data=lazily(lambda name: torch.from_numpy(scene.array(name))))
    values.scene = namespace(env_origins=torch.zeros(2, 3))
    env, module = Env(values), exported.file("mjlab")
    joint = module.ACTUATORS[0][1]
    with pytest.raises(ValueError, match=f"joint {joint}"):
        module.designed_term(env, "power", commands={"heading": "heading_goal"}, rename={joint: "other"})
    with pytest.raises(ValueError, match="heading: name the command"):
        module.DesignedTerms(None, {"command": "twist"})


def test_isaac_lab_has_other_names_and_other_quaternions(exported: Exported) -> None:
    torch = pytest.importorskip("torch")
    scene = Scene(scene_of(exported.pack), exported.rollout, exported.pack.frame_skip)
    model, module = scene.model, exported.file("isaaclab")
    joints = [name for name, _, size, _, _ in module.JOINTS if size == 1][::-1]  # in another order
    bodies = list(module.BODIES[1:])
    q = [int(model.joint(PREFIX + name).qposadr[0]) for name in joints]
    v = [int(model.joint(PREFIX + name).dofadr[0]) for name in joints]
    b = [int(model.body(PREFIX + name).id) for name in bodies]
    moves = {joint: place for place, (_, joint) in enumerate(module.ACTUATORS)}
    free = int(model.body_jntadr[b[0]])
    first, speed = int(model.jnt_qposadr[free]), int(model.jnt_dofadr[free])

    def read(name: str) -> Any:
        qpos, qvel = scene.array("qpos"), scene.array("qvel")
        makers: dict[str, Callable[[], Any]] = {
            "root_link_pos_w": lambda: qpos[:, first : first + 3],
            "root_link_quat_w": lambda: qpos[:, [first + 4, first + 5, first + 6, first + 3]],
            "root_link_lin_vel_w": lambda: qvel[:, speed : speed + 3],
            "root_link_ang_vel_b": lambda: qvel[:, speed + 3 : speed + 6],
            "joint_pos": lambda: qpos[:, q],
            "joint_vel": lambda: qvel[:, v],
            "joint_acc": lambda: scene.array("qacc")[:, v],
            "applied_torque": lambda: scene.array("qfrc_actuator")[:, v],
            "joint_pos_target": lambda: scene.array("ctrl")[:, [moves[name] for name in joints]],
            "body_link_pos_w": lambda: scene.array("xpos")[:, b],
            "body_com_pos_w": lambda: scene.array("xipos")[:, b],
            "body_link_quat_w": lambda: scene.array("xquat")[:, b][..., [1, 2, 3, 0]],
        }
        return namespace(torch=torch.from_numpy(np.ascontiguousarray(makers[name]())))

    robot = namespace(joint_names=joints, body_names=bodies, data=lazily(read))
    env = Env(manager_env(exported, scene))

    class Entities(dict):  # type: ignore[type-arg]
        env_origins = torch.from_numpy(ORIGINS.astype(np.float32))

    env.scene = Entities(robot=robot)
    names = [
        "track_lin_vel_xy_exp",
        "lin_vel_z_l2",
        "joint_torques_l2",
        "joint_acc_l2",
        "joint_deviation_l1",
        "heading",
    ]
    simulated = module.Simulated(env, "robot", {})
    terms = module.DesignedTerms(simulated, {"command": "base_velocity", "heading": "heading_goal"})
    with pytest.raises(ValueError, match="array"):
        terms.read()  # there are no touch sensors

    def some() -> dict[str, Any]:
        made, terms._memory, terms._state = terms._compute(0.0)
        return {name: made[name].numpy() for name in names}

    run(env, scene, some, {name: ours(exported)[name] for name in names})


@pytest.mark.thorough
def test_playground_pays_what_training_paid(exported: Exported) -> None:
    scene = Scene(scene_of(exported.pack), exported.rollout, exported.pack.frame_skip)
    module = exported.file("playground")

    class State:
        def __init__(self, **values: Any) -> None:
            self.__dict__.update(values)

        def replace(self, **values: Any) -> State:
            return State(**{**vars(self), **values})

    class Playground:
        mj_model, dt, action_size = scene.model, 0.02, exported.spec.action_size
        t = 0

        def data(self) -> Any:
            arrays = {name: scene.array(name)[0] for name in (*exported.pack.data, "ctrl")}
            return namespace(**arrays)

        def command(self) -> dict[str, Any]:
            return {name: exported.rollout.memory_before[name][0, 0] for name in ("command", "heading")}

        def reset(self, rng: Any) -> State:
            zero = np.zeros((), np.float32)
            return State(data=self.data(), reward=zero, done=zero, metrics={}, info=dict(self.command()))

        def step(self, state: State, action: Any) -> State:
            scene.step(self.t)
            self.t += 1
            return state.replace(data=self.data(), reward=np.float32(-3.0))

    options = {"commands": {"heading": "heading"}, "rename": {name: PREFIX + name for name in _names(module)}}
    env = module.DesignedReward(Playground(), **options)
    assert env.action_size == exported.spec.action_size
    state, expected, given = env.reset(None), ours(exported), exported.transitions
    paid = exported.reward().reward(given.state, given.action, given.next_state).reshape(STEPS, -1)[:, 0]
    for t in range(scene.steps):
        state = env.step(state, exported.rollout.action[t, 0])
        for name, array in expected.items():
            np.testing.assert_allclose(state.metrics[f"reward/{name}"], array[t, 0], rtol=2e-3, atol=2e-3, err_msg=name)
        assert float(state.reward) == pytest.approx(paid[t], rel=2e-3, abs=2e-3)


def _names(module: ModuleType) -> list[str]:
    tables = (*module.JOINTS, *module.ACTUATORS, *module.SENSORS)
    named = [*module.BODIES, *module.SITES, *module.GEOMS, *(one[0] for one in tables)]
    return [name for name in named if name and name != "world"]


def test_what_cannot_be_written_is_said(exported: Exported, tmp_path: Path) -> None:
    check_targets(["mjlab", "playground"])
    with pytest.raises(UnknownNameError, match="mjlba"):
        check_targets(["mjlba"])
    gated = exported.compiled.model_copy(update={"form": Form(kind="gate", gates=("contacts",))})
    with pytest.raises(UsageError, match="adds terms up"):
        export_target(tmp_path, "mjlab", exported.pack, exported.spec, exported.source, gated, GAMMA, "Walk.")
    foreign: Any = replace(exported.pack, foreign=object())
    with pytest.raises(UsageError, match="somebody else's environment"):
        export_target(tmp_path, "mjlab", foreign, exported.spec, exported.source, exported.compiled, GAMMA, "Walk.")
