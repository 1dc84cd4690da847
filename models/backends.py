"""Backends that decode one latent at a time, and choosing the fastest by measurement.

    numpy         the reference, always there
    onnxruntime   one thread, no spinning
    torch         eager, on the CPU; imported only when asked for
    cuda-graph    one recorded graph on an NVIDIA card; tried only if there is one

Each must agree with numpy before it may play.
"""

import ctypes
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter
from typing import Protocol

import numpy as np

from core.errors import ConfigError
from core.native_output import native_output_dropped
from models.served_flow import ServedFlow

__all__ = ["BACKENDS", "ChosenBackend", "Decoder", "choose_backend", "n_cuda_devices"]

logger = logging.getLogger(__name__)

BACKENDS = ("auto", "numpy", "onnxruntime", "torch", "cuda-graph")
_TOLERANCE = 1e-4  # of a normalized value; float32 in another order differs by about 1e-6
_N_CHECKED = 16
_N_TIMED = 150


class Decoder(Protocol):
    """Turns a latent `(D,)` into normalized parameters `(P,)`."""

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Decode one latent of any float type into a new float32 array within 0 to 1."""
        ...


@dataclass(frozen=True, kw_only=True)
class ChosenBackend:
    """The backend that plays, and what was measured.

    Attributes:
        name: One of `BACKENDS`.
        device: What it runs on, for people.
        decode: The decoder itself.
        decode_ms: Median time of one decode.
        measured_ms: Median time of every backend that was tried.
    """

    name: str
    device: str
    decode: Decoder
    decode_ms: float
    measured_ms: dict[str, float]


def choose_backend(flow: ServedFlow, wanted: str = "auto") -> ChosenBackend:
    """Measure the backends on this machine and return the fastest.

    Args:
        flow: The flow to run.
        wanted: One of `BACKENDS`; any but `auto` is used, however fast the others are.

    Raises:
        ConfigError: The wanted backend is unknown, not installed, or disagrees with numpy.
    """
    if wanted not in BACKENDS:
        raise ConfigError(f"there is no backend '{wanted}'; pick one of {', '.join(BACKENDS)}.")
    names = _worth_trying() if wanted == "auto" else [wanted]
    latents = np.random.default_rng(0).normal(size=(_N_CHECKED, flow.n_latent))
    made: dict[str, Decoder] = {}
    for name in names:
        try:
            decoder = _MAKERS[name](flow)
            _check(decoder, flow, latents)
            made[name] = decoder
        except Exception as error:  # a broken driver or wheel must not keep numpy from playing
            if wanted != "auto":
                raise ConfigError(
                    f"backend '{name}' does not work here: {error} Leave --backend out."
                ) from error
            logger.warning("backend %s left out: %s", name, error)
    measured = {name: _median_ms(decoder, latents) for name, decoder in made.items()}
    best = min(measured, key=lambda name: measured[name])
    return ChosenBackend(
        name=best,
        device="CUDA" if best == "cuda-graph" else "CPU",
        decode=made[best],
        decode_ms=measured[best],
        measured_ms=measured,
    )


def n_cuda_devices() -> int:
    """Return the number of NVIDIA cards by asking the driver: no torch, and a few milliseconds."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(name)
        count = ctypes.c_int(0)
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
            return 0
    except (OSError, AttributeError):
        return 0
    return count.value


def _worth_trying() -> list[str]:
    names = ["numpy", "onnxruntime"]
    if n_cuda_devices() and find_spec("torch") is not None:
        names.append("cuda-graph")
    return names


def _check(decoder: Decoder, flow: ServedFlow, latents: np.ndarray) -> None:
    for z, following in zip(latents, np.roll(latents, 1, axis=0), strict=True):
        v = decoder(z)
        decoder(following)  # must leave the previous answer alone
        difference = float(np.max(np.abs(v - flow.decode(z))))
        if v.min() < 0.0 or v.max() > 1.0:
            raise ConfigError("its values leave the range 0 to 1.")
        if not difference <= _TOLERANCE:
            raise ConfigError(f"it differs from numpy by {difference:.2g}.")


def _median_ms(decoder: Decoder, latents: np.ndarray) -> float:
    times = []
    for k in range(_N_TIMED):
        start = perf_counter()
        decoder(latents[k % len(latents)])
        times.append(perf_counter() - start)
    return float(np.median(times)) * 1e3


def _numpy(flow: ServedFlow) -> Decoder:
    return flow.decode


def _onnxruntime(flow: ServedFlow) -> Decoder:
    with native_output_dropped():  # it warns of graphics cards that are not there
        import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # at this size a second thread costs more than it gains
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    session = ort.InferenceSession(flow.onnx_graph(), options, providers=["CPUExecutionProvider"])
    # Binding once saves the dictionary and the allocation of each call, about a tenth of it.
    row = np.zeros((1, flow.n_latent), np.float32)
    source = ort.OrtValue.ortvalue_from_numpy(row)
    target = ort.OrtValue.ortvalue_from_numpy(np.zeros_like(row))
    binding = session.io_binding()
    binding.bind_ortvalue_input("z", source)
    binding.bind_ortvalue_output("v", target)

    def decode(z: np.ndarray) -> np.ndarray:
        row[0] = z
        source.update_inplace(row)
        session.run_with_iobinding(binding)
        answer: np.ndarray = target.numpy()[0].copy()  # numpy() is a view of the session's own memory
        return answer

    return decode


def _torch(flow: ServedFlow) -> Decoder:
    import torch

    torch.set_num_threads(1)
    run = flow.torch_decode("cpu")

    def decode(z: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            answer: np.ndarray = run(torch.from_numpy(np.asarray(z, np.float32))).numpy()
            return answer

    return decode


def _cuda_graph(flow: ServedFlow) -> Decoder:
    import torch

    run = flow.torch_decode("cuda")
    with torch.inference_mode():
        z_device = torch.zeros(flow.n_latent, device="cuda")
        z_pinned = torch.zeros(flow.n_latent, pin_memory=True)
        v_pinned = torch.zeros(flow.n_latent, pin_memory=True)

        def once() -> None:
            z_device.copy_(z_pinned, non_blocking=True)
            v_pinned.copy_(run(z_device), non_blocking=True)

        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # a graph is recorded after a few runs beside it
            for _ in range(3):
                once()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            once()
    z_host, v_host = z_pinned.numpy(), v_pinned.numpy()
    done = torch.cuda.Event()

    def decode(z: np.ndarray) -> np.ndarray:
        z_host[:] = z
        graph.replay()
        done.record()
        done.synchronize()
        return v_host.copy()

    return decode


_MAKERS: dict[str, Callable[[ServedFlow], Decoder]] = {
    "numpy": _numpy,
    "onnxruntime": _onnxruntime,
    "torch": _torch,
    "cuda-graph": _cuda_graph,
}
