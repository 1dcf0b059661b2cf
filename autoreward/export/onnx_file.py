"""The policy as an ONNX graph: observation [N, O] to action [N, A], normalisation and action range inside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.records import OBSERVATION_CLIP, VARIANCE_FLOOR

OPSET = 13  # of 2020: what runtimes on robots know
IR_VERSION = 8


def policy_graph(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The serialised model.

    Args:
        arrays: of policy.npz, float32: `observation_mean`, `observation_var` [O], `weights_0` [O, H], `bias_0` [H], and
            further layers, `action_low`, `action_high` [A].
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
    nodes = [helper.make_node(kind, inputs, [output]) for kind, inputs, output in _operations(depth)]
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


def _operations(depth: int) -> list[tuple[str, list[str], str]]:
    """Kind, inputs and output of each node, in order."""
    made = [
        ("Sub", ["observation", "mean"], "centred"),
        ("Div", ["centred", "scale"], "scaled"),
        ("Clip", ["scaled", "clip_low", "clip_high"], "hidden_0"),
    ]
    for index in range(depth):
        last = index + 1 == depth
        made.append(("Gemm", [f"hidden_{index}", f"weights_{index}", f"bias_{index}"], f"linear_{index}"))
        made.append(("Clip", [f"linear_{index}", "minus_one", "one"], "clipped") if last else
                    ("Tanh", [f"linear_{index}"], f"hidden_{index + 1}"))  # fmt: skip
    return [*made, ("Mul", ["clipped", "half"], "spread"), ("Add", ["spread", "middle"], "action")]
