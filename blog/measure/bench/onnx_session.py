"""ONNX Runtime as a peer: run a graph of ONNX operators with a given number of threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from onnx import NodeProto, TensorProto, helper


def run_graph(
    nodes: list[NodeProto], x: np.ndarray, constants: dict[str, np.ndarray], threads: int
) -> Callable[[], Any]:
    """Return a callable that runs nodes from an input "x" to an output "y"."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            helper.make_tensor(name, TensorProto.FLOAT, a.shape, a.tobytes(), raw=True)
            for name, a in constants.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    run = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda: run.run(None, {"x": x})[0]
