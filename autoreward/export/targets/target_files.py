"""Writes the files for other tools: how they are called, and the values that their templates ask for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autoreward.environment.pack import Noise, Pack, data_view
from autoreward.errors import UnknownNameError, UsageError
from autoreward.export.comments import plain_line
from autoreward.export.frame import arrays_text
from autoreward.export.policy_file import package_name
from autoreward.export.reward_file import RESERVED, fields_read
from autoreward.export.source import checked_tree, program_text, renamed, with_numbers
from autoreward.ledger.files import write_atomic
from autoreward.records import CompiledReward, EnvSpec
from autoreward.records.form import SUM
from autoreward.reward.composition import EXPORT_ROWS
from autoreward.templates import render

TORCH_ARRAYS = Path(__file__).with_name("torch_arrays.py")


@dataclass(frozen=True)
class Target:
    """Another tool."""

    title: str
    template: str
    config_module: str = ""  # where its RewardTermCfg is
    commands: Mapping[str, str] = field(default_factory=dict)  # what its usual tasks call the commands of `envs new`

    @property
    def torch(self) -> bool:
        """Whether it computes in torch, else in jax."""
        return bool(self.config_module)


_MANAGERS, _WRAPPER = "manager_rewards.py.j2", "playground_rewards.py.j2"
TARGETS: Mapping[str, Target] = {
    "mjlab": Target("mjlab", _MANAGERS, "mjlab.managers.reward_manager", {"command": "twist"}),
    "isaaclab": Target("Isaac Lab", _MANAGERS, "isaaclab.managers", {"command": "base_velocity"}),
    "playground": Target("MuJoCo Playground", _WRAPPER, commands={"command": "command"}),
}
TARGET_FILES: Mapping[str, str] = {name: f"{name}_rewards.py" for name in TARGETS}


def check_targets(names: Sequence[str]) -> None:
    """Every name has to be one of TARGETS.

    Raises:
        UnknownNameError: one is not.
    """
    for name in names:
        if name not in TARGETS:
            raise UnknownNameError("tool to export to", name, list(TARGETS))


def export_target(
    directory: Path, name: str, pack: Pack, env: EnvSpec, source: str, compiled: CompiledReward, gamma: float, task: str
) -> Path:
    """Write the reward terms for another tool; `pack.py` is to stand beside the file.

    Args:
        name: of TARGETS.
        source: the program that the critic accepted.
        compiled: the same program as it was trained.
        gamma: discount factor of the training.
        task: its text.

    Raises:
        UsageError: the environment is no MuJoCo pack, or the reward is no plain sum of its terms.
        StorageError: the directory cannot be written.
    """
    target = TARGETS[name]
    if pack.foreign is not None:
        raise UsageError(
            f"--to {name}: {pack.name} is somebody else's environment, whose fields only its own code can compute.",
            "reward.py works with any arrays; or make a pack of the robot's model with `autoreward envs new`.",
        )
    if compiled.form != SUM:
        raise UsageError(
            f"--to {name}: {target.title} adds terms up, and the FORM of this reward is {compiled.form.data()}.",
            "Call reward() of reward.py, which applies the FORM; or design a reward without one.",
        )
    tree = checked_tree(source, [one.name for one in env.fields])
    trained = with_numbers(tree, {"WEIGHTS": compiled.weights, "PARAMS": compiled.params})
    fields = [one._replace(comment=plain_line(one.comment)) for one in fields_read(tree, compiled, env)]
    text = render(
        f"export/targets/{target.template}",
        target=name,
        tool=target.title,
        folder=package_name(directory),
        config_module=target.config_module,
        task=task,
        gamma=gamma,
        fields=fields,
        has_potential=compiled.has_potential,
        has_params=bool(compiled.params),
        program=program_text(renamed(trained, reserved_names()), source).strip("\n"),
        arrays=arrays_text(),
        torch_arrays=torch_arrays_text(),
        rows=EXPORT_ROWS,
        commands=dict(target.commands),
        **_robot(pack, env),
        reads_model=name != "isaaclab",
    )
    write_atomic(directory / TARGET_FILES[name], text)
    return directory / TARGET_FILES[name]


@cache
def torch_arrays_text() -> str:
    """What a file holds of `torch_arrays`: all below its line."""
    text = TORCH_ARRAYS.read_text(encoding="utf-8")
    return text[text.index("\n# --- ") :].strip()


@cache
def reserved_names() -> frozenset[str]:
    """Names that the files define at their top level; a program that defines one of them gets another one for it."""
    own = (
        "COMMANDS DATA DRAWN ACTION_SIZE OWN_CONTROL JOINTS BODIES SITES GEOMS TENDONS ACTUATORS SENSORS OF_BODIES "
        "OF_SITES OF_GEOMS OF_TENDONS OF_DOFS OF_ACTUATORS IN_WORLD Layout SHARED PACK reward_terms_cfg designed_term "
        "DesignedTerms Simulated QUATERNION MINE terms_of reward_of DesignedReward LEAST_ROWS TORCH_KINDS DTYPES "
        "RENAMED torch_kind TorchEngine torch jax weakref importlib Path SimpleNamespace _pack"
    )
    return RESERVED | frozenset(own.split())


def _robot(pack: Pack, env: EnvSpec) -> dict[str, Any]:
    """What a file says of the robot: the names of its parts in the order of the pack's model."""
    from autoreward.environment.simulation.model import load_model  # who only reads runs loads no simulator
    from autoreward.environment.simulation.part_names import part_names  # nor this

    model = load_model(pack)
    start = data_view({"qpos": model.qpos0.copy(), "qvel": np.zeros(model.nv)})
    noise = Noise(*np.zeros((2, 1, model.nq + model.nv + pack.extra_noise)))
    drawn: tuple[Any, ...] = pack.reset(np, start, noise)
    entries: Collection[str] = drawn[2] if len(drawn) == 3 else ()
    return {
        "data": pack.data,
        "drawn": tuple(sorted(entries)),
        "action_size": env.action_size,
        "own_control": pack.control is not None,
        "layout": part_names(model),
    }
