"""The decode direction of the regression flow as an ONNX graph.

Built operator by operator from the arrays: about a dozen small nodes a block, which ONNX Runtime
fuses and runs in well under 0.1 ms on one thread. No tracing, so torch is not needed.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.coupling_arrays import (
    CONTEXT_LIMIT,
    LOG_SCALE_LIMIT,
    SQUASH_MARGIN,
    Block,
    CouplingArrays,
)

__all__ = ["onnx_decode"]

_OPSET = 17  # every operator used is older; 17 is read by any ONNX Runtime since 1.12
_IR_VERSION = 8


class _Graph:
    """Collects nodes and constants under fresh names."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def node(self, operator: str, *inputs: str, n_outputs: int = 1, **attributes: int) -> list[str]:
        outputs = [f"x{len(self.nodes)}_{k}" for k in range(n_outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), outputs, **attributes))
        return outputs

    def dense(self, x: str, weight: np.ndarray, bias: np.ndarray) -> str:
        return self.node("Gemm", x, self.constant(weight), self.constant(bias), transB=1)[0]

    def limit(self, x: str, at: float) -> str:
        """The smooth limiter: at * tanh(x / at)."""
        (scaled,) = self.node("Div", x, self.number(at)) if at != 1.0 else [x]
        (soft,) = self.node("Tanh", scaled)
        return self.node("Mul", soft, self.number(at))[0] if at != 1.0 else soft

    def block(self, x: str, block: Block, n: int) -> str:
        d = n // 2
        a, b = self.node("Split", x, self.constant(np.array([d, n - d])), n_outputs=2, axis=1)
        h = self.limit(a, CONTEXT_LIMIT)
        (h,) = self.node("Relu", self.dense(h, block.w0, block.b0))
        (h,) = self.node("Relu", self.dense(h, block.w1, block.b1))
        half = n - d
        raw = self.dense(h, block.w2[:half], block.b2[:half])
        move = self.dense(h, block.w2[half:], block.b2[half:])
        (gain,) = self.node("Exp", self.limit(raw, LOG_SCALE_LIMIT))
        (scaled,) = self.node("Mul", b, gain)
        (moved,) = self.node("Add", scaled, move)
        (joined,) = self.node("Concat", a, moved, axis=1)
        return self.dense(joined, block.rotation, np.zeros(n, np.float32))


def onnx_decode(flow: CouplingArrays) -> bytes:
    """Give the graph `z (1, D) -> v (1, D)` as a serialized ONNX model."""
    graph, n = _Graph(), flow.n_latent
    x = "z"
    for block in flow.blocks:
        x = graph.block(x, block, n)
    (x,) = graph.node("Mul", x, graph.constant(flow.scale))
    (x,) = graph.node("Add", x, graph.constant(flow.shift))
    (x,) = graph.node("Sigmoid", x)
    (x,) = graph.node("Sub", x, graph.number(SQUASH_MARGIN))
    (x,) = graph.node("Div", x, graph.number(1.0 - 2.0 * SQUASH_MARGIN))
    graph.nodes.append(helper.make_node("Clip", [x, graph.number(0.0), graph.number(1.0)], ["v"]))
    described = helper.make_graph(
        graph.nodes,
        "decode",
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, n])],
        [helper.make_tensor_value_info("v", TensorProto.FLOAT, [1, n])],
        graph.constants,
    )
    model = helper.make_model(described, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    return model.SerializeToString()
