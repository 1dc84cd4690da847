import gc
import sys

import numpy as np
import pytest

from core.errors import ConfigError
from models import backends
from models.backends import choose_backend
from models.coupling_folded import FoldedFlow, folded_onnx
from tests.support.tiny_model import tiny_flow


@pytest.mark.parametrize("name", ["numpy", "onnxruntime", "torch"])
@pytest.mark.parametrize("leveled", [False, True])
@pytest.mark.parametrize(("n", "n_blocks"), [(32, 8), (17, 3), (64, 1)])
def test_backends_agree_with_numpy(name, n, n_blocks, leveled):
    flow = tiny_flow(n, n_blocks, hidden=48, leveled=leveled)
    flow.shift[:] += 0.3
    for block in flow.blocks:
        for bias in (block.b0, block.b1, block.b2):
            bias[:] = np.random.default_rng(1).normal(size=bias.shape) * 0.3
    choice = choose_backend(flow, name)
    assert choice.name == name and choice.decode_ms > 0
    for z in np.random.default_rng(2).normal(size=(50, n)).astype(np.float32) * 3:
        v = choice.decode(z)
        assert v.shape == (n,) and v.dtype == np.float32
        # float32 in another order: 1e-6 a layer, and steep where the sigmoid is.
        assert np.abs(v - flow.decode(z)).max() < 1e-4


@pytest.mark.parametrize("name", ["numpy", "onnxruntime", "torch"])
def test_an_answer_is_not_overwritten_by_the_next_nor_lost_with_its_backend(name):
    choice = choose_backend(tiny_flow(), name)
    first = choice.decode(np.zeros(32))
    kept = first.copy()
    choice.decode(np.ones(32))
    assert first.flags.owndata or name == "torch"  # whose tensor the array keeps alive
    del choice
    gc.collect()
    choose_backend(tiny_flow(seed=1), name)
    assert np.array_equal(first, kept)


def test_a_backend_that_overwrites_its_answer_may_not_play(monkeypatch):
    def reuses(flow):
        answer = np.zeros(flow.n_latent, np.float32)

        def decode(z):
            answer[:] = flow.decode(z)
            return answer

        return decode

    monkeypatch.setitem(backends._MAKERS, "onnxruntime", reuses)
    with pytest.raises(ConfigError, match="differs"):
        choose_backend(tiny_flow(), "onnxruntime")


def test_the_fastest_is_chosen_and_all_are_told():
    choice = choose_backend(tiny_flow())
    assert {"numpy", "onnxruntime"} <= set(choice.measured_ms)
    assert choice.decode_ms == min(choice.measured_ms.values())


def test_torch_is_not_tried_without_a_card(monkeypatch):
    monkeypatch.setattr(backends, "n_cuda_devices", lambda: 0)
    assert "cuda-graph" not in choose_backend(tiny_flow()).measured_ms


def test_a_backend_that_disagrees_may_not_play(monkeypatch, caplog):
    flow = tiny_flow()
    wrong = {**backends._MAKERS, "onnxruntime": lambda flow: lambda z: flow.decode(z) + 0.01}
    monkeypatch.setattr(backends, "_MAKERS", wrong)
    assert choose_backend(flow).name == "numpy" and "differs" in caplog.text
    with pytest.raises(ConfigError, match="differs from numpy"):
        choose_backend(flow, "onnxruntime")


def test_a_backend_that_cannot_load_is_left_out(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert choose_backend(tiny_flow()).name == "numpy"
    with pytest.raises(ConfigError, match="Leave --backend out"):
        choose_backend(tiny_flow(), "onnxruntime")


def test_an_unknown_backend_is_named():
    with pytest.raises(ConfigError, match="pick one of auto, numpy"):
        choose_backend(tiny_flow(), "abacus")


def test_the_folded_graph_is_smaller():
    import onnx

    graph = onnx.load_from_string(folded_onnx(FoldedFlow(tiny_flow()))).graph
    assert len(graph.node) == 1 + 8 * 11 + 2  # eleven a block, of which ONNX Runtime joins three
