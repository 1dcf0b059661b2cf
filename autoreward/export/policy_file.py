"""The exported policy: its numbers, a numpy file that plays it, and ONNX where that package is installed."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.environment.foreign.facts import ForeignFacts
from autoreward.ledger.files import write_atomic
from autoreward.recordings import MemberRecording
from autoreward.records import OBSERVATION_CLIP, VARIANCE_FLOOR, EnvSpec, MemberResult
from autoreward.templates import render

POLICY_NAME, NUMBERS_NAME, ONNX_NAME = "policy.py", "policy.npz", "policy.onnx"
NO_ONNX = "policy.onnx was not written: the package onnx is not installed (pip install onnx)."


@dataclass(frozen=True)
class ExportedPolicy:
    """A policy to export: the member that it was, and its numbers."""

    member: MemberResult
    arrays: Mapping[str, NDArray[Any]]  # observation_mean, observation_var, weights_0, bias_0, ...
    chosen_from: int  # seeds
    combination: Mapping[str, NDArray[Any]] = field(default_factory=dict)  # learned of how terms combine


def best_policy(members: Sequence[MemberResult], recordings: Iterable[MemberRecording]) -> ExportedPolicy | None:
    """The policy of the seed with the best evaluation, by success, progress and own return.

    Args:
        members: of one candidate.
        recordings: of the same candidate, with the policies kept.

    Returns:
        None where no member was trained, or its policy was not kept.
    """
    policies = {one.seed: one for one in recordings if one.policy}
    kept = {
        member.seed: ExportedPolicy(member, policies[member.seed].policy, 0, policies[member.seed].combination)
        for member in members
        if member.seed in policies and member.status != "failed"
    }
    if not kept:
        return None
    best = max(kept.values(), key=lambda policy: _rank(policy.member))
    return replace(best, chosen_from=len(kept))


def export_policy(
    directory: Path, policy: ExportedPolicy, env: EnvSpec, foreign: ForeignFacts | None = None
) -> tuple[list[Path], list[str]]:
    """Write `policy.py` and `policy.npz`, and `policy.onnx` where it can be made.

    Args:
        foreign: of an environment of somebody else: observations of any space, and actions of any.

    Returns:
        The files, and a line on each thing that was left out.

    Raises:
        StorageError: the directory cannot be written.
    """
    given: dict[str, Any] = {**policy.arrays, "action_low": env.action_low, "action_high": env.action_high}
    arrays = {name: np.asarray(array, np.float32) for name, array in given.items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    files: dict[str, bytes | str] = {
        NUMBERS_NAME: buffer.getvalue(),
        POLICY_NAME: render(
            "export/policy.py.j2",
            folder=package_name(directory),
            clip=OBSERVATION_CLIP,
            floor=VARIANCE_FLOOR,
            foreign=foreign,
            parts=[] if foreign is None else [(one.path, one.shape, one.choices, one.first) for one in foreign.parts],
        ),
    }
    notes = []
    if foreign is not None and not has_bounds(foreign):
        notes.append(f"policy.onnx was not written: actions of {foreign.action_space} are no numbers in a range.")
    elif importlib.util.find_spec("onnx") is None:
        notes.append(NO_ONNX)
    else:
        files[ONNX_NAME] = policy_graph(arrays)
    for name, content in files.items():
        write_atomic(directory / name, content)
    return [directory / name for name in files], notes


def has_bounds(foreign: ForeignFacts) -> bool:
    """Whether its actions are numbers between two limits."""
    return foreign.action_kind == "box" and not foreign.free_actions


def package_name(directory: Path) -> str:
    """The folder as an import names it, for the examples in the files."""
    name = directory.resolve().name
    return name if name.isidentifier() else "best_reward"


def policy_facts(policy: ExportedPolicy | None) -> dict[str, Any] | None:
    """What PROVENANCE.json says of the policy."""
    if policy is None:
        return None
    member = policy.member
    return {
        "seed": member.seed,
        "success": member.success,
        "progress": member.progress,
        "own_episodic_return": member.own_return,
        "env_steps": member.env_steps,
        "chosen": f"the best of {policy.chosen_from} seeds by its evaluation, so these numbers are biased upward",
    }


def _rank(member: MemberResult) -> tuple[float, float, float]:
    worst = float("-inf")
    values = (member.success, member.progress, member.own_return)
    return tuple(worst if value is None else value for value in values)  # type: ignore[return-value]


# --- The same as an ONNX graph ---------------------------------------------------------------------------


OPSET = 13  # of 2020: what runtimes on robots know
IR_VERSION = 8


def policy_graph(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The policy as a serialised ONNX graph: observation [N, O] to action [N, A], normalisation and range inside it.

    Args:
        arrays: of policy.npz, float32: `observation_mean`, `observation_var` [O], `weights_0` [O, H], `bias_0` [H], and
            further layers, `action_low`, `action_high` [A]; of off-policy learners `relu` and `squashed`.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    low, high = arrays["action_low"], arrays["action_high"]
    constants = {
        "mean": arrays["observation_mean"],
        "scale": np.sqrt(arrays["observation_var"] + np.float32(VARIANCE_FLOOR)),
        "clip_low": np.float32(-OBSERVATION_CLIP),
        "clip_high": np.float32(OBSERVATION_CLIP),
        "minus_one": np.float32(-1.0),
        "one": np.float32(1.0),
        "middle": (high + low) / 2,
        "half": (high - low) / 2,
    }
    constants |= {name: array for name, array in arrays.items() if name.startswith(("weights_", "bias_"))}
    depth = sum(name.startswith("weights_") for name in arrays)
    relu, squashed = (bool(arrays.get(name, np.float32(0.0))) for name in ("relu", "squashed"))
    nodes = [helper.make_node(*operation[:2], [operation[2]]) for operation in _operations(depth, relu, squashed)]
    graph = helper.make_graph(
        nodes,
        "policy",
        [helper.make_tensor_value_info("observation", TensorProto.FLOAT, ["N", arrays["observation_mean"].size])],
        [helper.make_tensor_value_info("action", TensorProto.FLOAT, ["N", low.size])],
        [numpy_helper.from_array(np.asarray(array, np.float32), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised


def _operations(depth: int, relu: bool, squashed: bool) -> list[tuple[str, list[str], str]]:
    """Kind, inputs and output of each node, in order.

    Args:
        relu, squashed: as `policy.npz` says: what stands between the layers, and whether tanh stands behind them.
    """
    layers = [
        ("Sub", ["observation", "mean"], "centred"),
        ("Div", ["centred", "scale"], "scaled"),
        ("Clip", ["scaled", "clip_low", "clip_high"], "hidden_0"),
    ]
    for index in range(depth):
        last = index + 1 == depth
        layers.append(("Gemm", [f"hidden_{index}", f"weights_{index}", f"bias_{index}"], f"linear_{index}"))
        if not last:
            layers.append(("Relu" if relu else "Tanh", [f"linear_{index}"], f"hidden_{index + 1}"))
    outputs = f"linear_{depth - 1}"
    if squashed:
        layers.append(("Tanh", [outputs], "squashed"))
        outputs = "squashed"
    layers.append(("Clip", [outputs, "minus_one", "one"], "clipped"))
    return [*layers, ("Mul", ["clipped", "half"], "spread"), ("Add", ["spread", "middle"], "action")]
