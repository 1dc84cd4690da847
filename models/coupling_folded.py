"""The decode direction with all constants folded together, for one latent at a time.

At this size the cost of a decode is that of starting its operators (46 us against 64 us for a graph built
step by step, at 32 parameters and 8 blocks), so there should be few. Carry x / 4 instead of x, as the
context limiter needs it; pad what reads a and moves b with zeros, so that nothing is split or joined; and
pass biases on through the rotation. A block is then

    h = relu(W1 relu(W0 tanh(x) + b0) + b1),    x <- R (x exp(tanh(S h + s)) + T h) + r

with eight operators instead of thirteen, and the end is a sigmoid and a clipped line. A level passes through
as one more entry of x that nothing reads or moves, until the leveler turns it into a volume.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.coupling_arrays import (
    CONTEXT_LIMIT,
    LOG_SCALE_LIMIT,
    CouplingArrays,
)
from models.steering.free_values import SQUASH_MARGIN
from models.steering.level_arrays import LEVEL_DB, LevelArrays

__all__ = ["FoldedBlock", "FoldedFlow", "folded_onnx"]

_OPSET = 17
_IR_VERSION = 8
_FAR_BELOW = -30.0  # squashed to exactly 0
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
        n, coupled, d = flow.n_latent, flow.n_coupled, flow.n_coupled // 2
        self.n_latent = n
        self.leveler = flow.leveler
        self.blocks: list[FoldedBlock] = []
        for k, block in enumerate(flow.blocks):
            hidden, last = block.b0.shape[0], k == len(flow.blocks) - 1
            moved = coupled - d

            def padded(array: np.ndarray, columns: int = hidden) -> np.ndarray:
                whole = np.zeros((n, columns))
                whole[d:coupled] = array
                return whole

            t_bias = padded(block.b2[moved:, None], 1)[:, 0] / CONTEXT_LIMIT
            rotation, r_bias = np.eye(n), np.zeros(n)
            rotation[:coupled, :coupled] = block.rotation
            if last:  # back to x, standardised, each at its index; the volume is 0 after squashing
                rows = np.arange(n)
                if flow.leveler is not None:
                    rows = np.delete(rows, flow.leveler.scale.index)
                ends, r_bias = np.zeros((n, n)), np.full(n, _FAR_BELOW)
                ends[rows, :coupled] = block.rotation * flow.scale[:, None] * CONTEXT_LIMIT
                rotation, r_bias[rows] = ends, flow.shift
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
    """Return the graph `z (1, D) -> v (1, D)` as a serialized ONNX model."""
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
    n, leveler = folded.n_latent, folded.leveler
    v = node("HardSigmoid", node("Sigmoid", x), alpha=_GAIN, beta=_OFFSET)
    if leveler is not None:
        _with_volume(v, leveler, n, node, constant)
    nodes[-1].output[0] = "v"
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


def _with_volume(
    v: str, leveler: LevelArrays, n: int, node: Callable[..., str], constant: Callable[[np.ndarray], str]
) -> None:
    """Add the nodes that put the volume into v, which holds 0 there."""
    scale = leveler.scale
    at_volume, last = np.zeros((1, n), np.float32), np.zeros((1, n), np.float32)
    at_volume[0, scale.index], last[0, -1] = 1.0, LEVEL_DB
    w0 = np.insert(leveler.w0, scale.index, 0.0, axis=1)
    level = node("Gemm", "z", constant(last), constant(leveler.b2 - np.float32(scale.offset)), transB=1)
    h = node("Relu", node("Gemm", v, constant(w0), constant(leveler.b0), transB=1))
    h = node("Relu", node("Gemm", h, constant(leveler.w1), constant(leveler.b1), transB=1))
    s = node("Relu", node("Gemm", h, constant(leveler.w2), level, transB=1))
    span = scale.high - scale.low
    volume = node("HardSigmoid", node("Mul", s, s), alpha=1.0 / span, beta=-scale.low / span)
    node("Gemm", volume, constant(at_volume), v)
