"""The decode direction with everything that is constant folded together, for one latent at a time.

At this size a decode costs what its operators cost to start (46 us against 64 us for a graph built
step by step, at 32 parameters and 8 blocks), so there should be few. Carry x / 4 instead of x, as
the context limiter wants it; pad what reads a and moves b with zeros, so that nothing is split or
joined; and pass biases on through the rotation. A block is then

    h = relu(W1 relu(W0 tanh(x) + b0) + b1),    x <- R (x exp(tanh(S h + s)) + T h) + r

with eight operators instead of thirteen, and the end is a sigmoid and a clipped line.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.coupling_arrays import (
    CONTEXT_LIMIT,
    LOG_SCALE_LIMIT,
    SQUASH_MARGIN,
    CouplingArrays,
)

__all__ = ["FoldedBlock", "FoldedFlow", "folded_onnx"]

_OPSET = 17
_IR_VERSION = 8
_GAIN = 1.0 / (1.0 - 2.0 * SQUASH_MARGIN)  # the clipped line at the end
_OFFSET = -SQUASH_MARGIN * _GAIN


@dataclass(frozen=True)
class FoldedBlock:
    """One coupling, folded; the letters are those of the formula above."""

    w0: np.ndarray
    b0: np.ndarray
    w1: np.ndarray
    b1: np.ndarray
    s: np.ndarray
    s_bias: np.ndarray
    t: np.ndarray
    rotation: np.ndarray
    r_bias: np.ndarray


class FoldedFlow:
    """The folded arrays of a flow.

    Args:
        flow: The map; its `decode` is what this one must agree with.
    """

    def __init__(self, flow: CouplingArrays) -> None:
        n, d = flow.n_latent, flow.n_latent // 2
        self.n_latent = n
        self.blocks: list[FoldedBlock] = []
        for k, block in enumerate(flow.blocks):
            hidden, last = block.b0.shape[0], k == len(flow.blocks) - 1
            moved = n - d

            def padded(rows: np.ndarray, columns: int = hidden, at: int = d) -> np.ndarray:
                whole = np.zeros((n, columns))
                whole[at:] = rows
                return whole

            t_bias = padded(block.b2[moved:, None], 1)[:, 0] / CONTEXT_LIMIT
            rotation, r_bias = block.rotation.astype(np.float64), np.zeros(n)
            if last:  # back to x, standardised
                rotation = rotation * flow.scale[:, None] * CONTEXT_LIMIT
                r_bias = flow.shift
            w0 = np.zeros((hidden, n))
            w0[:, :d] = block.w0 * CONTEXT_LIMIT
            folded = FoldedBlock(
                w0=w0,
                b0=block.b0,
                w1=block.w1,
                b1=block.b1,
                s=padded(block.w2[:moved]) / LOG_SCALE_LIMIT,
                s_bias=padded(block.b2[:moved, None], 1)[:, 0] / LOG_SCALE_LIMIT,
                t=padded(block.w2[moved:]) / CONTEXT_LIMIT,
                rotation=rotation,
                r_bias=rotation @ t_bias + r_bias,
            )
            arrays = {p: np.ascontiguousarray(a, np.float32) for p, a in vars(folded).items()}
            self.blocks.append(FoldedBlock(**arrays))


def folded_onnx(folded: FoldedFlow) -> bytes:
    """Give the graph `z (1, D) -> v (1, D)` as a serialized ONNX model."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, f"c{len(constants)}"))
        return f"c{len(constants) - 1}"

    def node(operator: str, *inputs: str, **kwargs: Any) -> str:
        name = f"x{len(nodes)}"
        nodes.append(helper.make_node(operator, list(inputs), [name], **kwargs))
        return name

    def dense(x: str, weight: np.ndarray, bias: str) -> str:
        return node("Gemm", x, constant(weight), bias, transB=1)

    x = node("Mul", "z", constant(np.array(1.0 / CONTEXT_LIMIT, np.float32)))
    for block in folded.blocks:
        h = node("Relu", dense(node("Tanh", x), block.w0, constant(block.b0)))
        h = node("Relu", dense(h, block.w1, constant(block.b1)))
        gain = node("Tanh", dense(h, block.s, constant(block.s_bias)))
        if LOG_SCALE_LIMIT != 1.0:
            gain = node("Mul", gain, constant(np.array(LOG_SCALE_LIMIT, np.float32)))
        scaled = node("Mul", x, node("Exp", gain))
        x = dense(dense(h, block.t, scaled), block.rotation, constant(block.r_bias))
    x = node("Sigmoid", x)
    nodes.append(helper.make_node("HardSigmoid", [x], ["v"], alpha=_GAIN, beta=_OFFSET))
    n = folded.n_latent
    graph = helper.make_graph(
        nodes,
        "decode",
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, n])],
        [helper.make_tensor_value_info("v", TensorProto.FLOAT, [1, n])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    serialized: bytes = model.SerializeToString()
    return serialized
